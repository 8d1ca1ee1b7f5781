namespace IntegrationHub.Connectors.Abstractions.Notices;

/// <summary>An end of interfaces that a vendor announced on a page, for endpoints that a connector calls.</summary>
/// <param name="What">What ends, in a sentence.</param>
/// <param name="ToDo">What to do, in a sentence.</param>
/// <param name="Page">The vendor's announcement.</param>
/// <param name="ReadOn">When the page was last read for this entry.</param>
public sealed record Retirement(string What, string ToDo, Uri Page, DateOnly ReadOn)
{
    /// <summary>The day from which nobody may rely on it, the earliest that the page allows; null when it is announced without a day.</summary>
    public DateOnly? EndsOn { get; init; }

    /// <summary>Of the descriptor's endpoints those that end, one or more.</summary>
    public required IReadOnlyList<VendorEndpoint> Endpoints { get; init; }
}
