using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Renames;

/// <summary>
/// Former names of audiences that statements may still use, each with the name that it stands for: as the configuration in force says. Whoever applies a statement looks here and not into the
/// configuration that it runs, so that a hub that has not changed over writes nothing under a former name. The same SQL on both dialects.
/// </summary>
public static class AudienceAliases
{
    /// <summary>Replaces them, in the transaction that puts a configuration in force. Who calls holds the ledger's lock, so that nobody applies by the names before once this is committed.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="aliases">The present name by the former one.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task ReplaceAsync(HubDbContext db, IReadOnlyDictionary<string, string> aliases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(aliases);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM audience_aliases", cancellationToken);
        await session.ExecuteAsync(
            $"INSERT INTO audience_aliases (alias, audience) SELECT r.alias, r.audience FROM {session.Rows(("alias", "text"), ("audience", "text"))} r", cancellationToken,
            ("rows", JsonRows.Of(aliases.OrderBy(alias => alias.Key, StringComparer.Ordinal), (writer, alias) =>
            {
                writer.WriteStringValue(alias.Key);
                writer.WriteStringValue(alias.Value);
            })));
    }

    /// <summary>The facts, with memberships under the present names of their audiences. What came in word for word stays so.</summary>
    internal static async Task<IReadOnlyList<LedgerFact>> ApplyAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken)
    {
        if (!facts.Any(fact => fact.Membership is not null))
        {
            return facts;
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var aliases = (await session.ReadAsync("SELECT alias, audience FROM audience_aliases", row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken)).ToDictionary(StringComparer.Ordinal);
        return aliases.Count == 0
            ? facts
            : [.. facts.Select(fact => fact.Membership is { } stated && aliases.TryGetValue(stated.Audience, out var audience) ? fact with { Membership = stated with { Audience = audience } } : fact)];
    }
}
