using System.Text;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Reads from the log what was stated of people, as intake would read it today: what an old fact says is what it comes to under the contracts of now.</summary>
internal sealed class RebuildFacts(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time)
{
    private readonly ConsentAuthority _authority = ConsentAuthority.Of(configuration);
    private readonly FactRules _rules = FactRules.Of(configuration);

    /// <summary>Types of facts that state what people are; what they decided stays with the consent ledger.</summary>
    public static IReadOnlyList<string> Types { get; } = [ProfileUpdated.Type, AudienceMembershipChanged.Type];

    /// <summary>All facts of some people that can be read today.</summary>
    public async Task<IReadOnlyList<LedgerFact>> ReadAsync(IReadOnlyList<long> people, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var logged = await transactions.ReadAsync(db => RebuildBook.ReadFactsAsync(db, people, Types, cancellationToken));
        return [.. logged.Select(fact => FactReading.Read(Encoding.UTF8.GetBytes(fact.BodyJson), now, _authority, FactRetention.Endless, _rules).Fact).OfType<LedgerFact>()];
    }
}
