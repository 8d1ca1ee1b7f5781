using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Makes people members of a list and ends that. Lists take record ids only, so that contacts come first.</summary>
internal sealed class HubSpotMemberships(HubSpotContacts contacts, HubSpotLists lists)
{
    /// <summary>Writes contacts and adds them to the batch's list.</summary>
    public async Task AddAsync(HubSpotSettlement settlement, Batch batch, CancellationToken cancellationToken)
    {
        TakeRemoteIds(settlement, static item => item.Fields.Count == 0);
        var unknown = settlement.Open(known: false);
        await (batch.UpdateOnly
            ? contacts.UpdateKnownAsync(settlement, unknown, cancellationToken)
            : contacts.UpsertAsync(settlement, unknown, cancellationToken));
        await ChangeAsync(settlement, add: true, ListOf(batch), cancellationToken);
        foreach (var index in settlement.Condition is null ? settlement.Open(known: false) : [])
        {
            settlement.Settle(index, Outcome.RetryLater, ReasonCode.NotFound);
        }
    }

    /// <summary>Takes contacts off the batch's list.</summary>
    public async Task RemoveAsync(HubSpotSettlement settlement, Batch batch, CancellationToken cancellationToken)
    {
        TakeRemoteIds(settlement, static _ => true);
        await contacts.ResolveAsync(settlement, settlement.Open(known: false), cancellationToken);
        await ChangeAsync(settlement, add: false, ListOf(batch), cancellationToken);
        foreach (var index in settlement.Condition is null ? settlement.Open(known: false) : [])
        {
            // Nobody has the key: who does not exist is no member.
            settlement.Settle(index, Outcome.Unchanged);
        }
    }

    /// <summary>Changes the membership of everybody whose contact is known; contacts that are gone are looked up by key and tried once more.</summary>
    private async Task ChangeAsync(HubSpotSettlement settlement, bool add, string listId, CancellationToken cancellationToken)
    {
        for (var round = 0; round < 2 && settlement.Condition is null; round++)
        {
            var gone = await lists.ChangeAsync(settlement, add, listId, settlement.Open(known: true), cancellationToken);
            foreach (var index in gone)
            {
                settlement.Lose(index);
            }

            if (gone.Count == 0 || round > 0 || settlement.Condition is not null)
            {
                return;
            }

            await contacts.ResolveAsync(settlement, gone, cancellationToken);
        }
    }

    private static void TakeRemoteIds(HubSpotSettlement settlement, Func<BatchItem, bool> mayUse)
    {
        for (var i = 0; i < settlement.Items.Count; i++)
        {
            var item = settlement.Items[i];
            if (mayUse(item) && long.TryParse(item.RemoteId, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                settlement.Learn(i, item.RemoteId);
            }
        }
    }

    private static string ListOf(Batch batch)
        => batch.Audience?.RemoteRef ?? throw new ArgumentException("A membership operation needs an audience.", nameof(batch));
}
