namespace IntegrationHub.Hub.Explain;

/// <summary>Names of the steps, in their order, and of what they come to.</summary>
internal static class ExplainWord
{
    /// <summary>What was stated of the person.</summary>
    public const string Facts = "facts";

    /// <summary>Who the person is.</summary>
    public const string Identity = "identity";

    /// <summary>Which audiences the person belongs to.</summary>
    public const string Audience = "audience";

    /// <summary>Whether the person may be sent.</summary>
    public const string Consent = "consent";

    /// <summary>Which fields may be sent.</summary>
    public const string Policy = "policy";

    /// <summary>Who may change the attributes, and who writes the fields.</summary>
    public const string Ownership = "ownership";

    /// <summary>What is sent.</summary>
    public const string Mapping = "mapping";

    /// <summary>What the destination lacks of it, as far as the hub knows.</summary>
    public const string Diff = "diff";

    /// <summary>What became of sending it.</summary>
    public const string Delivery = "delivery";

    /// <summary>What the vendor was seen to have.</summary>
    public const string ReadBack = "read_back";

    /// <summary>The step says yes.</summary>
    public const string Yes = "yes";

    /// <summary>The step says no: nothing is sent, or it did not arrive.</summary>
    public const string No = "no";

    /// <summary>It goes on later.</summary>
    public const string Waits = "waits";

    /// <summary>Nobody can tell.</summary>
    public const string Unknown = "unknown";

    /// <summary>All steps, in their order.</summary>
    public static IReadOnlyList<string> Steps { get; } = [Facts, Identity, Audience, Consent, Policy, Ownership, Mapping, Diff, Delivery, ReadBack];
}
