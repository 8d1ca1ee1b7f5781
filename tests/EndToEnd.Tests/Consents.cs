using IntegrationHub.Contracts.Events;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>Withdrawals that are in the ledger before the hub process starts.</summary>
internal static class Consents
{
    public static Task DenyAsync(IReadOnlyDictionary<string, string> settings, IEnumerable<string> externalIds)
    {
        var at = DateTimeOffset.UtcNow;
        return StoredFacts.AppendAsync(settings, [.. externalIds.Select(externalId => new LedgerFact
        {
            EventId = NewId.NextGuid(),
            EventType = ConsentUpdated.Type,
            OccurredAt = at,
            Producer = "end-to-end-tests",
            ExternalId = externalId,
            Consents = [new FactConsent("email_marketing", "denied", "test", at)],
            BodyJson = "{}",
        })]);
    }
}

/// <summary>Facts that come into the ledger while no hub process runs.</summary>
internal static class StoredFacts
{
    public static async Task AppendAsync(IReadOnlyDictionary<string, string> settings, IReadOnlyList<LedgerFact> facts)
    {
        var sqlite = settings["Hub__Database"] == "Sqlite";
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        services.AddHubStorage(new StorageOptions
        {
            Database = sqlite ? StorageDatabase.Sqlite : StorageDatabase.Postgres,
            ConnectionString = sqlite ? $"Data Source={Path.Combine(settings["Hub__DataPath"], "hub.db")}" : settings["Hub__ConnectionString"],
        });
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await HubDatabase.MigrateAsync(db, CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync();
        await scope.ServiceProvider.GetRequiredService<ILedger>().AppendAsync(db, facts, CancellationToken.None);
        await transaction.CommitAsync();
    }
}
