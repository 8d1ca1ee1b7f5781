using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>A HubSpot account as a destination: contacts are upserted by a unique property, audiences are manual lists.</summary>
internal sealed class HubSpotConnector : IConnector, IMemberListing
{
    private readonly HubSpotOptions _options;
    private readonly HubSpotClient _client;
    private readonly HubSpotJournal _journal;
    private readonly HubSpotContacts _contacts;
    private readonly HubSpotLists _lists;

    public HubSpotConnector(ConnectorContext context)
    {
        _options = HubSpotOptions.Read(context.Settings, out _);
        _client = new HubSpotClient(_options, context);
        _journal = new HubSpotJournal(context) { AccountZone = _options.AccountTimeZone };
        _contacts = new HubSpotContacts(_client, _options, _journal);
        _lists = new HubSpotLists(_client, _options, _journal);
    }

    public ConnectorDescriptor Descriptor => HubSpotDescriptor.Instance;

    public async Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        var account = await _client.GetAccountAsync(cancellationToken);
        if (account.Failure is { } refused)
        {
            return ConditionOf(_journal.Judge(refused, HubSpotApiVersion.AccountDetails, 0));
        }

        if (_options.PortalId is { } portal && portal != account.Body!.PortalId)
        {
            return new(DestinationTrouble.Misconfigured, "token_of_another_account");
        }

        if (_options.AccountTimeZone is null && TimeZoneInfo.TryFindSystemTimeZoneById(account.Body!.TimeZone ?? "", out var zone))
        {
            _journal.AccountZone = zone;
        }

        var property = await _client.GetPropertyAsync(_options.IdentityProperty, cancellationToken);
        return property switch
        {
            { Failure.Status: 404 } => new(DestinationTrouble.Misconfigured, "identity_property_not_found"),
            { Failure: { } failure } => ConditionOf(_journal.Judge(failure, HubSpotApiVersion.GetProperty, 0)),
            { Body.HasUniqueValue: false } when !_options.IdentityIsEmail => new(DestinationTrouble.Misconfigured, "identity_property_not_unique"),
            _ => null,
        };
    }

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
        => _lists.EnsureAsync(request, cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(AudienceTarget audience, CancellationToken cancellationToken)
        => _lists.ListAsync(audience.RemoteRef, cancellationToken);

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var settlement = new HubSpotSettlement(batch);
        switch (batch.Operation)
        {
            case Operation.UpsertProfile:
                await _contacts.UpsertAsync(settlement, Open(settlement), cancellationToken);
                foreach (var index in Open(settlement).Where(index => settlement.ContactId(index) is not null))
                {
                    settlement.Settle(index, Outcome.Delivered);
                }

                break;
            case Operation.AddMember:
                await AddAsync(settlement, ListOf(batch), cancellationToken);
                break;
            case Operation.RemoveMember:
                await RemoveAsync(settlement, ListOf(batch), cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(batch), batch.Operation, "HubSpot has no such operation.");
        }

        return settlement.Close();
    }

    private async Task AddAsync(HubSpotSettlement settlement, string listId, CancellationToken cancellationToken)
    {
        TakeRemoteIds(settlement, static item => item.Fields.Count == 0);
        await _contacts.UpsertAsync(settlement, Open(settlement, known: false), cancellationToken);
        await ChangeAsync(settlement, add: true, listId, cancellationToken);
        foreach (var index in settlement.Condition is null ? Open(settlement, known: false) : [])
        {
            settlement.Settle(index, Outcome.RetryLater, "hubspot_contact_gone");
        }
    }

    private async Task RemoveAsync(HubSpotSettlement settlement, string listId, CancellationToken cancellationToken)
    {
        TakeRemoteIds(settlement, static _ => true);
        await _contacts.ResolveAsync(settlement, Open(settlement, known: false), cancellationToken);
        await ChangeAsync(settlement, add: false, listId, cancellationToken);
        foreach (var index in settlement.Condition is null ? Open(settlement, known: false) : [])
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
            var gone = await _lists.ChangeAsync(settlement, add, listId, Open(settlement, known: true), cancellationToken);
            foreach (var index in gone)
            {
                settlement.Learn(index, null);
            }

            if (gone.Count == 0 || round > 0 || settlement.Condition is not null)
            {
                return;
            }

            await _contacts.ResolveAsync(settlement, gone, cancellationToken);
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

    private static List<int> Open(HubSpotSettlement settlement, bool? known = null)
        => [.. Enumerable.Range(0, settlement.Items.Count)
            .Where(index => settlement.IsOpen(index) && (known is null || known == settlement.ContactId(index) is not null))];

    private static string ListOf(Batch batch)
        => batch.Audience?.RemoteRef ?? throw new ArgumentException("A membership operation needs an audience.", nameof(batch));

    private static DestinationCondition ConditionOf(Judgement judgement)
        => judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code);
}
