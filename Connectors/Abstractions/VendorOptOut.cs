namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a vendor says of one person. Contains personal data: never log it. At least one of address, number and remote id is set.</summary>
/// <param name="Id">Names it within the feed: the same whenever it is read again.</param>
/// <param name="Kind">What it is.</param>
/// <param name="At">When it happened at the vendor.</param>
public sealed record VendorOptOut(string Id, OptOutKind Kind, DateTimeOffset At)
{
    /// <summary>The e-mail address, or null.</summary>
    public string? Email { get; init; }

    /// <summary>The phone number as E.164, or null.</summary>
    public string? Phone { get; init; }

    /// <summary>The vendor's id of the person, or null.</summary>
    public string? RemoteId { get; init; }

    /// <summary>With <see cref="OptOutKind.Topic"/>: which, as <see cref="OptOutQuestion.Topics"/> names it.</summary>
    public string? Topic { get; init; }
}
