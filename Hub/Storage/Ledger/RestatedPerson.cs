namespace IntegrationHub.Storage.Ledger;

/// <summary>Somebody whose state is another one than the log says. Names no values.</summary>
/// <param name="ProfileId">The profile that is shown; 0 for one that is not there yet.</param>
/// <param name="Attributes">Names of what the profile shows otherwise, sorted.</param>
/// <param name="Audiences">Audiences of which the membership is another one, sorted.</param>
public sealed record RestatedPerson(long ProfileId, IReadOnlyList<string> Attributes, IReadOnlyList<string> Audiences);
