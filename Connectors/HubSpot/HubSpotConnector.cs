using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>A HubSpot account as a destination: contacts are upserted by a unique property, audiences are manual lists.</summary>
internal sealed class HubSpotConnector : IConnector, IMemberListing, IMemberPaging, IMemberLookup, IProfileReading, IRecordLookup, IWholeReading, IProfileChangeReading, IFieldInspection, IFieldListing, IEventInspection, IAudienceInspection
{
    private readonly HubSpotOptions _options;
    private readonly HubSpotQuota _quota;
    private readonly HubSpotClient _client;
    private readonly HubSpotJournal _journal;
    private readonly HubSpotContacts _contacts;
    private readonly HubSpotLists _lists;
    private readonly HubSpotMemberships _memberships;
    private readonly HubSpotMemberLookup _lookup;
    private readonly HubSpotConsent _consent;
    private readonly HubSpotEvents _events;
    private readonly HubSpotEventDefinitions _definitions;
    private readonly HubSpotIdentities _identities;
    private readonly HubSpotProfiles _profiles;
    private readonly HubSpotChanges _changes;
    private readonly HubSpotFields _fields;
    private readonly HubSpotWholes _wholes;

    public HubSpotConnector(HubSpotOptions options, ConnectorContext context, HubSpotQuota quota, ICallGate gate)
    {
        (_options, _quota) = (options, quota);
        _client = new HubSpotClient(_options, context, _quota, gate);
        _journal = new HubSpotJournal(context, _quota);
        var directory = new HubSpotDirectory(_client, _options, _journal);
        _contacts = new HubSpotContacts(_client, _options, _journal, directory);
        _lists = new HubSpotLists(_client, _options, _journal);
        _memberships = new HubSpotMemberships(_contacts, _lists);
        _lookup = new HubSpotMemberLookup(_client, directory, _lists, _journal);
        _consent = new HubSpotConsent(_client, _options, _journal);
        _events = new HubSpotEvents(_client, _journal, directory);
        _definitions = new HubSpotEventDefinitions(_client, _journal);
        _identities = new HubSpotIdentities(_client, _journal, directory, _contacts);
        _profiles = new HubSpotProfiles(directory);
        _changes = new HubSpotChanges(_client, _options, _journal);
        _fields = new HubSpotFields(_client, _options, _journal);
        _wholes = new HubSpotWholes(_fields, directory);
    }

    public int MaxPeoplePerLookup => HubSpotDescriptor.MaxPeoplePerLookup;

    public int MembersPerPage => HubSpotDescriptor.MembersPerPage;

    public int MaxKeysPerRead => HubSpotDescriptor.MaxInputs;

    public int MaxIdsPerLookup => HubSpotDescriptor.MaxInputs;

    public TimeSpan ChangesAreShownAfter => HubSpotChanges.ShownAfter;

    public int ProfilesPerChangePage => HubSpotDescriptor.SearchPage;

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
            _quota.AccountZone = zone;
        }

        return null;
    }

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
        => _lists.EnsureAsync(request, cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(AudienceTarget audience, CancellationToken cancellationToken)
        => _lists.ListAsync(audience.RemoteRef, cancellationToken);

    public Task<RemoteMemberPage> ReadMemberPageAsync(AudienceTarget audience, string? cursor, CancellationToken cancellationToken)
        => _lists.ReadPageAsync(audience.RemoteRef, cursor, cancellationToken);

    public Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(
        AudienceTarget audience, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken)
        => _lookup.LookUpAsync(audience.RemoteRef, people, cancellationToken);

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
        => _profiles.ReadAsync(keys, fields, cancellationToken);

    public Task<IReadOnlyList<RemoteProfile>> FindRecordsAsync(IReadOnlyList<string> remoteIds, CancellationToken cancellationToken)
        => _profiles.FindAsync(remoteIds, cancellationToken);

    public Task<IReadOnlyList<ShownPerson>> ReadWholeAsync(string key, CancellationToken cancellationToken) => _wholes.ReadAsync(key, cancellationToken);

    public Task<ChangedProfilePage> ReadChangedProfilesAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken)
        => _changes.ReadAsync(since, fields, cursor, cancellationToken);

    public Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken)
        => _fields.InspectAsync(fields, cancellationToken);

    public async Task<IReadOnlyList<VendorField>> ListFieldsAsync(CancellationToken cancellationToken)
        => [.. (await _fields.ListAsync(cancellationToken)).Where(static property => property.Name is not null).DistinctBy(static property => property.Name).Select(static property =>
            new VendorField(property.Name!, property.Type ?? "") { IsReadOnly = property.Calculated || property.Modification is { ReadOnlyValue: true } })];

    public Task<IReadOnlyList<FieldFinding>> InspectEventsAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken)
        => _definitions.FindAsync(events, cancellationToken);

    public Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken)
        => _lists.InspectAsync(audiences, cancellationToken);

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var settlement = new HubSpotSettlement(batch);
        await (batch.Operation switch
        {
            Operation.UpsertProfile when batch.UpdateOnly => _contacts.UpdateKnownAsync(settlement, settlement.Open(), cancellationToken),
            Operation.UpsertProfile => _contacts.UpsertAsync(settlement, settlement.Open(), cancellationToken),
            Operation.AddMember => _memberships.AddAsync(settlement, batch, cancellationToken),
            Operation.RemoveMember => _memberships.RemoveAsync(settlement, batch, cancellationToken),
            Operation.SetConsent => _consent.SetAsync(settlement, cancellationToken),
            Operation.TrackEvent => _events.SendAsync(settlement, cancellationToken),
            Operation.ChangeKey => _identities.ChangeKeysAsync(settlement, cancellationToken),
            Operation.MergeProfiles => _identities.MergeAsync(settlement, cancellationToken),
            Operation.DeleteProfile => _identities.EraseAsync(settlement, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(batch), batch.Operation, "HubSpot has no such operation."),
        });

        if (batch.Operation is Operation.UpsertProfile or Operation.ChangeKey or Operation.MergeProfiles)
        {
            // Whose record id the answer told was written.
            foreach (var index in settlement.Open(known: true))
            {
                settlement.Settle(index, settlement.Note(index) is null ? Outcome.Delivered : Outcome.Rejected, settlement.Note(index));
            }
        }

        return settlement.Close();
    }

    private static DestinationCondition ConditionOf(Judgement judgement)
        => judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code);
}
