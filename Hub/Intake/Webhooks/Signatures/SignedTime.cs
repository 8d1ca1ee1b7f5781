using System.Globalization;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>The time that a signature covers: a call that is recorded and sent again later is refused by it. Pure.</summary>
internal static class SignedTime
{
    /// <summary>What is wrong with the time, or null.</summary>
    /// <param name="text">The time as it was signed.</param>
    /// <param name="header">Where it stands.</param>
    /// <param name="unit">Milliseconds of one step: 1 or 1000.</param>
    /// <param name="tolerance">How far it may be away, either way.</param>
    /// <param name="now">The hub's time.</param>
    public static SignatureDefect? Find(string text, string header, long unit, TimeSpan tolerance, DateTimeOffset now)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps) || steps > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() / unit)
        {
            return new SignatureDefect("signature_time_malformed", header, $"The header {header} holds no time since 1970 as a whole number.");
        }

        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(steps * unit);
        return age > tolerance ? new SignatureDefect("signature_too_old", header, "The call was signed too long ago: it was held up, is repeated by somebody, or the sender's clock is slow.")
            : age < -tolerance ? new SignatureDefect("signature_in_the_future", header, "The call is signed in the future: set the sender's clock, or the hub's.")
            : null;
    }
}
