using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>A number of people, counted or concluded from a sample.</summary>
/// <param name="Count">The number; concluded from a sample, the likeliest one.</param>
/// <param name="PlusMinus">So far it may be off in 19 of 20 samples; 0 when all were counted.</param>
internal readonly record struct EstimateJson([property: JsonPropertyName("count")] long Count, [property: JsonPropertyName("plus_minus")] long PlusMinus)
{
    private const double Deviations = 1.96;

    /// <summary>Of none among n there are 3/n at most in 19 of 20 samples.</summary>
    private const double RuleOfThree = 3;

    /// <summary>Concludes.</summary>
    /// <param name="found">How many were found.</param>
    /// <param name="lookedAt">Among so many.</param>
    /// <param name="people">Of so many.</param>
    public static EstimateJson Of(long found, long lookedAt, long people)
    {
        if (lookedAt >= people || lookedAt == 0)
        {
            return new EstimateJson(found, 0);
        }

        var (share, rest) = ((double)found / lookedAt, 1 - (double)lookedAt / people);
        var off = found == 0 || found == lookedAt ? RuleOfThree / lookedAt : Deviations * Math.Sqrt(share * (1 - share) / lookedAt * rest);
        return new EstimateJson((long)Math.Round(share * people, MidpointRounding.AwayFromZero), (long)Math.Ceiling(off * people));
    }

    /// <inheritdoc />
    public override string ToString() => PlusMinus == 0 ? FormattableString.Invariant($"{Count:N0}") : FormattableString.Invariant($"{Count:N0} ± {PlusMinus:N0}");
}
