namespace IntegrationHub.Connectors.Abstractions.Notices;

/// <summary>What a vendor said beside an answer of the interface that was called. Nothing personal: neither queries nor bodies nor messages.</summary>
/// <param name="Kind">One of <see cref="NoticeKind"/>.</param>
public sealed record VendorNotice(string Kind)
{
    /// <summary>The vendor's code of a warning; empty for all others.</summary>
    public string Code { get; init; } = "";

    /// <summary>Since when, or from when on, the interface should not be called, or when it ends; null when the vendor gives no date.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The vendor's page about it, without a query; null when it names none.</summary>
    public string? Page { get; init; }

    /// <summary>What takes its place, without a query; null when the vendor names none.</summary>
    public string? Successor { get; init; }
}
