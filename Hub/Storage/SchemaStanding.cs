namespace IntegrationHub.Storage;

/// <summary>How a database's schema stands to the one that this program was made for.</summary>
/// <param name="Lacking">Migrations of this program that the database does not have, in their order. While there is one, the program must not use the database.</param>
/// <param name="Unknown">
/// Migrations that the database has and this program does not know, in their order: a newer hub was here. A hub goes on with them, since a migration takes nothing away that the
/// version before it reads or writes (Hub/Docs/operations/upgrade.md).
/// </param>
public sealed record SchemaStanding(IReadOnlyList<string> Lacking, IReadOnlyList<string> Unknown);
