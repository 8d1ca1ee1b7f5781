namespace IntegrationHub.Storage.Ledger;

/// <summary>Where a fact stands in the log.</summary>
/// <param name="Position">
/// Its number, from 1: given under the ledger's lock, which is held to the commit, so that positions become visible in their order. They rise and may have gaps.
/// </param>
/// <param name="ReceivedAt">When it came in; with it the log finds the fact in one partition.</param>
public readonly record struct FactPlace(long Position, DateTimeOffset ReceivedAt);
