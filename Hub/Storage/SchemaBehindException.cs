namespace IntegrationHub.Storage;

/// <summary>The database lacks migrations, and this process may not apply them (<see cref="StorageOptions.Migrates"/>).</summary>
/// <param name="lacking"><see cref="SchemaStanding.Lacking"/>; not empty.</param>
public sealed class SchemaBehindException(IReadOnlyList<string> lacking) : Exception(
    $"The database's schema is older than this program: it lacks {lacking.Count} migrations, the first is {lacking[0]}. Run the step 'migrate' of this version against it, then start again; or set Hub:MigrateAtStart=true, which lets a hub do it itself.")
{
    /// <summary>What the database lacks.</summary>
    public IReadOnlyList<string> Lacking { get; } = lacking;
}
