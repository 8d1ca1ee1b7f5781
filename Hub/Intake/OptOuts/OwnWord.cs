using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.OptOuts;

namespace IntegrationHub.Hub.Intake.OptOuts;

/// <summary>
/// Tells opt-outs that are the hub's own word from those of people. A vendor dates what the hub told it by the call, which may be later than a grant that the person gave
/// meanwhile: taken for the person's, it would deny for ever what was allowed last. Only what happened while such a call was under way is the hub's. Pure.
/// </summary>
internal static class OwnWord
{
    /// <summary>By how much a vendor's clock, and the second that it rounds to, may differ. What is further off is taken for the person's own.</summary>
    private static readonly TimeSpan _clocks = TimeSpan.FromSeconds(2);

    /// <summary>Names by which the hub may have told the destination of whoever opted out.</summary>
    public static IEnumerable<string> NamesOf(VendorOptOut optOut) => new[] { ToldDenials.NameOfEmail(optOut.Email), ToldDenials.NameOfRemoteId(optOut.RemoteId) }.OfType<string>();

    /// <summary>True when the hub was telling the destination just that when it happened.</summary>
    /// <param name="optOut">What the vendor says.</param>
    /// <param name="told">What the hub told it, by <see cref="NamesOf"/>.</param>
    public static bool Is(VendorOptOut optOut, ILookup<string, ToldDenial> told) =>
        TopicOf(optOut) is { } topic && NamesOf(optOut).Any(name => told[name].Any(denial => denial.Topic == topic && IsDuring(denial, optOut.At)));

    /// <summary>True when the call that told it was under way then.</summary>
    public static bool IsDuring(ToldDenial denial, DateTimeOffset at) => at >= denial.BeganAt - _clocks && at <= denial.EndedAt + _clocks;

    private static string? TopicOf(VendorOptOut optOut) => optOut.Kind switch
    {
        OptOutKind.MarketingEmail => "",
        OptOutKind.Topic => optOut.Topic,
        _ => null,
    };
}
