namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>What every answer of Braze has.</summary>
internal interface IBrazeBody
{
    /// <summary><c>success</c>, or a text that condemns the request; null when it is missing.</summary>
    string? Message { get; }

    /// <summary>True when the answer names records that are at fault; then a refusal of the request is theirs alone.</summary>
    bool NamesRecords { get; }
}
