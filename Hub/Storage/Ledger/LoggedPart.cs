namespace IntegrationHub.Storage.Ledger;

/// <summary>A part of the log that is looked at at once.</summary>
/// <param name="Last">Its last position.</param>
/// <param name="Looked">How many facts it holds.</param>
/// <param name="From">When the first of it came in.</param>
/// <param name="To">When the last of it came in.</param>
internal sealed record LoggedPart(long Last, long Looked, DateTimeOffset From, DateTimeOffset To);
