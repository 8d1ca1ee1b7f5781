using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.OptOuts;

/// <summary>When destinations were told of people who may not be sent: what a destination's feed says of that moment is the hub's own word. The same SQL on both dialects.</summary>
public static class ToldDenials
{
    /// <summary>Names whoever has an address; null when it is none.</summary>
    public static string? NameOfEmail(string? email) => NormalKey.OfEmail(email) is { } address ? KeyHash.Of($"email:{address}").ToString("N") : null;

    /// <summary>Names whoever has an id at the destination; null for none.</summary>
    public static string? NameOfRemoteId(string? id) => string.IsNullOrEmpty(id) ? null : KeyHash.Of($"remote:{id}").ToString("N");

    /// <summary>Keeps some.</summary>
    public static async Task AddAsync(HubDbContext db, string destination, IReadOnlyCollection<ToldDenial> denials, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        foreach (var call in denials.GroupBy(denial => (denial.BeganAt, denial.EndedAt)))
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO told_denials (destination, name, topic, began_at, ended_at)
                SELECT @destination, r.name, r.topic, {session.Instant("@began")}, {session.Instant("@ended")} FROM {session.Rows(("name", "text"), ("topic", "text"))} r WHERE true
                ON CONFLICT DO NOTHING
                """,
                cancellationToken,
                ("destination", destination), ("began", call.Key.BeganAt), ("ended", call.Key.EndedAt),
                ("rows", JsonRows.Of(call.ToList(), (writer, denial) =>
                {
                    writer.WriteStringValue(denial.Name);
                    writer.WriteStringValue(denial.Topic);
                })));
        }
    }

    /// <summary>What a destination was told of some people, by their names.</summary>
    public static async Task<ILookup<string, ToldDenial>> FindAsync(HubDbContext db, string destination, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var told = await session.ReadAsync(
            $"""
            SELECT d.name, d.topic, d.began_at, d.ended_at FROM {session.Rows(("name", "text"))} r
            {session.Lookup("told_denials", "d", "d.destination = @destination AND d.name = r.name")}
            """,
            row => new ToldDenial(row.GetString(0), row.GetString(1), row.Time(2), row.Time(3)),
            cancellationToken,
            ("destination", destination), ("rows", JsonRows.Of(names, (writer, name) => writer.WriteStringValue(name))));
        return told.ToLookup(denial => denial.Name, StringComparer.Ordinal);
    }
}
