using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Writes people, their consent and their events, changes static lists by lead id, and reads them back.</summary>
internal sealed class MarketoConnector : IConnector, IMemberListing, IMemberPaging, IMemberExtract, IMemberLookup, IProfileReading, IRecordLookup, IWholeReading, IProfileChangeReading, IFieldInspection, IFieldListing, IEventInspection, IAudienceInspection, IBulkDelivery, IOptOutFeed, IEventReading
{
    /// <summary>Ids that stay well below the 8 KB of an address.</summary>
    private const int ListsPerQuery = 200;

    /// <summary>Names of fields per query; they travel in the body.</summary>
    private const int FieldsAtOnce = 200;

    private const string Unsubscribed = "unsubscribed";

    private readonly MarketoOptions _options;
    private readonly MarketoClient _client;
    private readonly TimeProvider _time;
    private readonly MarketoPeople _people;
    private readonly MarketoMemberLookup _lookup;
    private readonly MarketoActivityTypes _types;
    private readonly MarketoImports _imports;
    private readonly MarketoExtracts _extracts;
    private readonly MarketoOptOuts _optOuts;
    private readonly MarketoEventReading _events;
    private readonly MarketoChanges _changes;

    public MarketoConnector(MarketoOptions options, MarketoClient client, MarketoActivityTypes types, TimeProvider time)
    {
        (_options, _client, _types, _time) = (options, client, types, time);
        _people = new MarketoPeople(options, client);
        _lookup = new MarketoMemberLookup(_people, client, time);
        _imports = new MarketoImports(options, client, time);
        _extracts = new MarketoExtracts(options, client, time);
        _optOuts = new MarketoOptOuts(client, time);
        _events = new MarketoEventReading(_people, types, client, time);
        _changes = new MarketoChanges(client, time);
    }

    public ConnectorDescriptor Descriptor => MarketoDescriptor.Value;

    public int MaxPeoplePerLookup => MarketoDescriptor.MaxRecords;

    public TimeSpan ChangesAreShownAfter => MarketoChanges.ShownAfter;

    public int ProfilesPerChangePage => MarketoDescriptor.MaxRecords;

    public int MembersPerPage => MarketoDescriptor.MaxRecords;

    public int ExtractFrom => _options.ExtractsFrom;

    public int MaxKeysPerRead => MarketoDescriptor.MaxRecords;

    public int MaxIdsPerLookup => MarketoDescriptor.MaxRecords;

    public IReadOnlyDictionary<Operation, BulkLimits> BulkOperations => _imports.Offered;

    public IReadOnlyList<string> OptOutFeeds => [MarketoOptOuts.Feed];

    public int MaxEventsPerRead => MarketoEventReading.MaxEvents;

    public TimeSpan EventsAreShownAfter => MarketoEventReading.ShownAfter;

    public async Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(MarketoRequests.Describe(), cancellationToken);
        if (answer.Content is not LeadDescription description)
        {
            return ConditionOf(answer);
        }

        if (!description.Searchable.Any(name => IsSame(name, _options.IdentityKey)))
        {
            return new(DestinationTrouble.Misconfigured, MarketoRepairs.IdentityNotSearchable);
        }

        // The report corrects what the hub believes of the day; without it the destination is fine all the same.
        await _client.ReadUsageAsync(_options.DailyCalls, cancellationToken);
        return null;
    }

    public async Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        if (request.RemoteId is { } given)
        {
            return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? await FindGivenAsync(request, id, cancellationToken)
                : Missing(MarketoRepairs.ListIdNotANumber);
        }

        var found = await FindListAsync(request, cancellationToken);
        if (found is not null)
        {
            return found;
        }

        if (_options.Folder is not { } folder)
        {
            return Missing(MarketoRepairs.NoFolder);
        }

        var created = await _client.SendAsync(MarketoRequests.CreateList(request.RemoteName, folder, _options.FolderKind), cancellationToken);
        if (created is { Failure: null, Rows: [{ Id: not 0 } list, ..] })
        {
            return Found(request, list.Id);
        }

        // Somebody else may have created it meanwhile: the name is then refused, and the list is there.
        return await FindListAsync(request, cancellationToken) ?? new(null, ConditionOf(created));
    }

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var delivery = new MarketoDelivery(batch, _time);
        var profiles = new MarketoProfiles(_options, _people, _client, delivery);
        var identity = new MarketoIdentity(_options, _people, profiles, _client, delivery);
        switch (batch.Operation)
        {
            case Operation.UpsertProfile:
                await profiles.UpsertAsync(cancellationToken);
                break;
            case Operation.AddMember:
                await profiles.UpsertAsync(cancellationToken);
                await ChangeListAsync(delivery, cancellationToken);
                break;
            case Operation.RemoveMember:
                await ChangeListAsync(delivery, cancellationToken);
                break;
            case Operation.SetConsent:
                await profiles.SetConsentAsync(cancellationToken);
                break;
            case Operation.TrackEvent:
                await new MarketoEvents(_options, _types, _people, _client, delivery).TrackAsync(cancellationToken);
                break;
            case Operation.ChangeKey:
                await identity.ChangeKeyAsync(cancellationToken);
                break;
            case Operation.MergeProfiles:
                await identity.MergeAsync(cancellationToken);
                break;
            case Operation.DeleteProfile:
                await identity.DeleteAsync(cancellationToken);
                break;
            default:
                throw new ArgumentException($"Marketo has no {batch.Operation}; the descriptor does not list it.", nameof(batch));
        }

        return delivery.ToReceipt();
    }

    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(
        AudienceTarget audience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await ReadMemberPageAsync(audience, cursor, cancellationToken);
            yield return page.Members;
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    public async Task<RemoteMemberPage> ReadMemberPageAsync(AudienceTarget audience, string? cursor, CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(MarketoRequests.ListMembers(audience.RemoteRef, _options.IdentityKey, cursor), cancellationToken);
        if (answer.Failure is not null)
        {
            throw new DestinationException(ConditionOf(answer));
        }

        if (answer.Rows.Any(row => row.Id == 0))
        {
            throw new DestinationException(ConditionOf(MarketoAnswer.Failed(MarketoAnswer.Malformed)));
        }

        return new RemoteMemberPage(
            [.. answer.Rows.Select(row => new RemoteMember(row.Id.ToString(CultureInfo.InvariantCulture), row.Text is { } key ? _options.Normal(key) : null))], answer.NextPageToken);
    }

    public ExtractCost CostOf(long members, int fields) => MarketoExtracts.CostOf(members, fields);

    public Task<MemberExtractPage> ReadExtractAsync(AudienceTarget audience, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken) =>
        _extracts.ReadAsync(audience.RemoteRef, fields, cursor, cancellationToken);

    public Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(
        AudienceTarget audience, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken) =>
        _lookup.LookUpAsync(audience.RemoteRef, people, cancellationToken);

    public async Task<IReadOnlyList<RemoteProfile>> FindRecordsAsync(IReadOnlyList<string> remoteIds, CancellationToken cancellationToken)
    {
        var answer = await _people.FindByIdAsync(remoteIds, cancellationToken);
        return answer.Failure is not null
            ? throw new DestinationException(ConditionOf(answer))
            : [.. answer.Rows.Where(row => row.Id != 0).Select(row => new RemoteProfile(
                row.Fields!.TryGetValue(_options.IdentityKey, out var key) ? _options.Normal(MarketoPeople.TextOf(key)) : "", row.Id.ToString(CultureInfo.InvariantCulture), new Dictionary<string, string>()))];
    }

    public bool CanBeAskedFor(string key) => MarketoPeople.IsSearchable(key);

    public async Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(
        IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        if (!keys.All(CanBeAskedFor))
        {
            // To find nobody would look like the proof of an erasure.
            throw new DestinationException(new(DestinationTrouble.Misconfigured, ReasonCode.KeyNotSearchable));
        }

        var answer = await _people.FindInPartsAsync(keys, fields, cancellationToken);
        if (answer.Failure is not null)
        {
            throw new DestinationException(ConditionOf(answer));
        }

        var asked = new HashSet<string>(keys, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. answer.Rows.Where(row => row is { Id: not 0, Text: not null }).Select(row => new RemoteProfile(
                asked.TryGetValue(row.Text!, out var key) ? key : _options.Normal(row.Text!), row.Id.ToString(CultureInfo.InvariantCulture),
                fields.Where(row.Fields!.ContainsKey).Distinct(StringComparer.Ordinal).ToDictionary(field => field, field => row.Fields![field]))),
        ];
    }

    public Task<ChangedProfilePage> ReadChangedProfilesAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken) =>
        _changes.ReadAsync(since, fields, cursor, cancellationToken);

    public async Task<IReadOnlyList<ShownPerson>> ReadWholeAsync(string key, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<string, Dictionary<string, ShownField>>(StringComparer.Ordinal);
        foreach (var names in (await DescribeAsync(cancellationToken)).Fields.Select(field => field.Name).Where(name => name.Length > 0).Chunk(FieldsAtOnce))
        {
            foreach (var profile in await ReadProfilesAsync([key], names, cancellationToken))
            {
                var fields = shown.TryGetValue(profile.RemoteId!, out var known) ? known : shown[profile.RemoteId!] = new(StringComparer.Ordinal);
                foreach (var (name, value) in profile.Fields)
                {
                    fields[name] = new ShownField(name, value, IsVendorsOwn: true);
                }
            }
        }

        return [.. shown.Select(lead => new ShownPerson(lead.Key, [.. lead.Value.Values]) { IsOptedOut = lead.Value.TryGetValue(Unsubscribed, out var flag) ? flag.Value == "true" : null })];
    }

    public async Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken) =>
        [.. MarketoInspection.Find((await DescribeAsync(cancellationToken)).Fields, fields)];

    public async Task<IReadOnlyList<VendorField>> ListFieldsAsync(CancellationToken cancellationToken) =>
        [.. (await DescribeAsync(cancellationToken)).Fields.DistinctBy(field => field.Name).Select(field => new VendorField(field.Name, field.DataType) { Length = field.Length, IsReadOnly = !field.IsWritable })];

    public Task<IReadOnlyList<FieldFinding>> InspectEventsAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken) =>
        new MarketoEventInspection(_client, _options, _time).FindAsync(events, cancellationToken);

    public async Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken)
    {
        var findings = new List<FieldFinding>();
        foreach (var part in audiences.Chunk(ListsPerQuery))
        {
            var answer = await _client.SendAsync(MarketoRequests.FindLists(part.Select(audience => audience.RemoteRef).Distinct(StringComparer.Ordinal)), cancellationToken);
            if (answer.Failure is not null and not MarketoOutcomes.NoDataFound)
            {
                throw new DestinationException(ConditionOf(answer));
            }

            var there = answer.Rows.Select(row => row.Id.ToString(CultureInfo.InvariantCulture)).ToHashSet(StringComparer.Ordinal);
            findings.AddRange(part.Where(audience => !there.Contains(audience.RemoteRef)).Select(audience => new FieldFinding(
                audience.RemoteRef, ReasonCode.AudienceGone, "the static list does not exist in Marketo any more",
                "take its id out of the audience's file so that the list is found by name or made anew, or write the id of another list")));
        }

        return findings;
    }

    public Task<BulkStart> StartBulkAsync(Batch batch, CancellationToken cancellationToken) => _imports.StartAsync(batch, cancellationToken);

    public Task<Receipt?> FollowBulkAsync(string job, Batch batch, CancellationToken cancellationToken) => _imports.FollowAsync(job, batch, cancellationToken);

    public Task<OptOutPage> ReadOptOutsAsync(OptOutQuestion question, CancellationToken cancellationToken) => _optOuts.ReadAsync(question, cancellationToken);

    public Task<IReadOnlyList<EventSighting>> FindEventsAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken) => _events.FindAsync(questions, cancellationToken);

    private Task ChangeListAsync(MarketoDelivery delivery, CancellationToken cancellationToken)
    {
        var list = delivery.Batch.Audience?.RemoteRef ?? throw new ArgumentException("A membership batch needs an audience.", nameof(delivery));
        return new MarketoMembership(_people, _client, delivery, list).ChangeAsync(cancellationToken);
    }

    private async Task<LeadDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(MarketoRequests.Describe(), cancellationToken);
        return answer.Content as LeadDescription ?? throw new DestinationException(ConditionOf(answer));
    }

    private async Task<EnsureAudienceResult> FindGivenAsync(AudienceRequest request, long id, CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(MarketoRequests.FindLists([id.ToString(CultureInfo.InvariantCulture)]), cancellationToken);
        return answer.Rows.Any(row => row.Id == id) ? Found(request, id)
            : answer.Failure is null or MarketoOutcomes.NoDataFound or MarketoOutcomes.ObjectNotFound ? Missing(ReasonCode.AudienceGone)
            : new(null, ConditionOf(answer));
    }

    private async Task<EnsureAudienceResult?> FindListAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(MarketoRequests.FindLists(request.RemoteName), cancellationToken);
        if (answer.Failure is not null and not MarketoOutcomes.NoDataFound)
        {
            return new(null, ConditionOf(answer));
        }

        var ids = answer.Rows.Where(row => row.Id != 0 && IsSame(row.Text, request.RemoteName)).Select(row => row.Id).ToArray();
        return ids.Length == 0 ? null : Found(request, ids.Min());
    }

    private DestinationCondition ConditionOf(MarketoAnswer answer) => MarketoOutcomes.ConditionOf(answer, _time.GetUtcNow());

    private static EnsureAudienceResult Found(AudienceRequest request, long id) =>
        new(new(request.Audience, id.ToString(CultureInfo.InvariantCulture)), null);

    private static EnsureAudienceResult Missing(string code) => new(null, new(DestinationTrouble.Misconfigured, code));

    private static bool IsSame(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
