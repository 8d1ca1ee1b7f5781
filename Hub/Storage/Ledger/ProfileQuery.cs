namespace IntegrationHub.Storage.Ledger;

/// <summary>Which profiles to load, with those that they were joined to. Holds personal data.</summary>
internal sealed record ProfileQuery
{
    /// <summary>With one of these external ids.</summary>
    public string[] ExternalIds { get; init; } = [];

    /// <summary>With one of these addresses.</summary>
    public string[] EmailKeys { get; init; } = [];

    /// <summary>With one of these addresses and without an external id.</summary>
    public string[] OrphanEmailKeys { get; init; } = [];

    /// <summary>That have, or had, one of these keys of consent.</summary>
    public string[] SubjectKeys { get; init; } = [];

    /// <summary>With one of these ids.</summary>
    public long[] ProfileIds { get; init; } = [];
}
