namespace IntegrationHub.Storage.Sqlite;

/// <summary>Somebody of whom a call may have reached the vendor without an answer.</summary>
/// <param name="Destination">Where.</param>
/// <param name="Audience">The audience; empty when the call was about none.</param>
/// <param name="ProfileId">Who.</param>
/// <param name="RunId">Whose call it was.</param>
/// <param name="Ends">True when it took the person out of the audience.</param>
internal readonly record struct MaybeSentRow(string Destination, string Audience, long ProfileId, Guid RunId, bool Ends);
