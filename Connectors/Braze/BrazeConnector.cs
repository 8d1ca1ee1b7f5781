using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Braze;

/// <summary>A Braze workspace as a destination: people are user profiles, an audience is a boolean attribute.</summary>
internal sealed class BrazeConnector : IConnector, IMemberProfileLookup, IProfileReading, IWholeReading, IFieldInspection, IFieldListing, IEventInspection, IOptOutFeed, IEventCounting, IEventReading
{
    /// <summary>Hours that a series may hold.</summary>
    private const int LongestSeries = 100;

    private readonly BrazeClient _client;
    private readonly BrazeProfiles _profiles;
    private readonly BrazeTracking _tracking;
    private readonly BrazeConsents _consents;
    private readonly BrazeIdentity _identity;
    private readonly BrazeDeletion _deletion;
    private readonly BrazeFields _fields;
    private readonly BrazeCustomEvents _customEvents;
    private readonly BrazePermissions _permissions;
    private readonly BrazeFeeds _feeds;
    private readonly BrazeEventReading _events;

    public BrazeConnector(ConnectorContext context, ICallGate gate)
    {
        var options = new BrazeOptions(context.Settings);
        var logger = context.Loggers.CreateLogger("IntegrationHub.Connectors.Braze");
        _client = new BrazeClient(options, context, gate);
        var sender = new BrazeSender(_client, options, logger);
        _profiles = new BrazeProfiles(_client, options);
        _tracking = new BrazeTracking(_client, sender, options, logger);
        _consents = new BrazeConsents(_profiles, new BrazeOptOuts(_client, _profiles, options, context.Time), _tracking, sender, options);
        _identity = new BrazeIdentity(_client, _profiles, _tracking, sender, options);
        _deletion = new BrazeDeletion(_profiles, sender, options);
        _fields = new BrazeFields(_client, options, logger);
        _customEvents = new BrazeCustomEvents(_client);
        _permissions = new BrazePermissions(_client, options);
        _feeds = new BrazeFeeds(_client, context.Time);
        _events = new BrazeEventReading(_profiles, context.Time);
    }

    public ConnectorDescriptor Descriptor => BrazeDescriptor.Instance;

    public int MaxPeoplePerLookup => _profiles.MaxKeys;

    public int MaxKeysPerRead => _profiles.MaxKeys;

    public IReadOnlyList<string> OptOutFeeds => BrazeFeeds.Names;

    public int MaxEventsPerRead => BrazeDescriptor.MaxIds;

    public TimeSpan EventsAreShownAfter => BrazeEventReading.ShownAfter;

    /// <summary>Asks for nobody, then sends nothing: both calls are refused for the right reason only if the key and its permissions are good.</summary>
    public async Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        var nobody = BrazeBodies.Export(["integrationhub-check"], [], ["braze_id", "external_id", "custom_attributes"]);
        if (BrazeSender.ConditionOf(await _client.ExportAsync(nobody, cancellationToken)) is { } unreadable)
        {
            return BrazePermissions.Naming(BrazeApiVersion.Export, unreadable);
        }

        var track = await _client.TrackAsync("{\"attributes\":[]}"u8.ToArray(), CallClearance.OfNobody, cancellationToken);
        return track is { Status: 400, Body: not null } ? null : BrazePermissions.Naming(BrazeApiVersion.Track, BrazeSender.ConditionOf(track));
    }

    /// <summary>An attribute exists by being written, so there is nothing to find or create.</summary>
    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        return Task.FromResult(BrazeMapper.AttributeFor(request) is { } attribute
            ? new EnsureAudienceResult(new AudienceTarget(request.Audience, attribute), null)
            : new EnsureAudienceResult(null, new DestinationCondition(DestinationTrouble.Misconfigured, "braze_bad_attribute_name")));
    }

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var settlement = new BatchSettlement(batch, BrazeDescriptor.Instance);
        try
        {
            await DeliverAsync(settlement, cancellationToken);
        }
        catch (DestinationException e)
        {
            settlement.Stop(e.Condition);
        }

        return settlement.Close();
    }

    public async Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(
        AudienceTarget audience, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(people.Count, MaxPeoplePerLookup);
        return await _profiles.MembersAsync([.. people.Select(person => person.Key).OfType<string>()], audience.RemoteRef, cancellationToken);
    }

    public async Task<MemberProfiles> LookUpMemberProfilesAsync(
        AudienceTarget audience, IReadOnlyList<RemoteMember> people, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(people.Count, MaxPeoplePerLookup);
        return await _profiles.MemberProfilesAsync([.. people.Select(person => person.Key).OfType<string>()], audience.RemoteRef, fields, cancellationToken);
    }

    public async Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(
        IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, MaxKeysPerRead);
        return await _profiles.ProfilesAsync(keys, fields, cancellationToken);
    }

    public Task<IReadOnlyList<ShownPerson>> ReadWholeAsync(string key, CancellationToken cancellationToken) => _profiles.WholesAsync(key, cancellationToken);

    /// <summary>Looks at the permissions too that <see cref="CheckAsync"/>, which stays cheap, does not need.</summary>
    public async Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken)
        => [.. await _fields.InspectAsync(fields, cancellationToken), .. await _permissions.ProveAsync(cancellationToken)];

    public Task<IReadOnlyList<VendorField>> ListFieldsAsync(CancellationToken cancellationToken) => _fields.ListAsync(cancellationToken);

    public Task<IReadOnlyList<FieldFinding>> InspectEventsAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken) => _customEvents.FindAsync(events, cancellationToken);

    public Task<OptOutPage> ReadOptOutsAsync(OptOutQuestion question, CancellationToken cancellationToken) => _feeds.ReadAsync(question, cancellationToken);

    /// <summary>Asks for an hour more at each end than it counts: no page says whether an hour that has just begun or ended is in the series.</summary>
    public async Task<long> CountEventsAsync(string name, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var answer = await _client.EventSeriesAsync(name, Math.Min((int)(until - since).TotalHours + 2, LongestSeries), until.AddHours(1), cancellationToken);
        return BrazeSender.ConditionOf(answer) is { } condition
            ? throw new DestinationException(BrazePermissions.Naming(BrazeApiVersion.EventSeries, condition)!)
            : answer.Body!.Points.Where(point => point.Hour >= since && point.Hour < until).Sum(point => point.Count);
    }

    public Task<IReadOnlyList<EventSighting>> FindEventsAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken) => _events.FindAsync(questions, cancellationToken);

    private Task DeliverAsync(BatchSettlement settlement, CancellationToken cancellationToken) => settlement.Batch.Operation switch
    {
        Operation.TrackEvent => TrackEventsAsync(settlement, cancellationToken),
        Operation.SetConsent => _consents.DeliverAsync(settlement, cancellationToken),
        Operation.ChangeKey => _identity.ChangeKeyAsync(settlement, cancellationToken),
        Operation.MergeProfiles => _identity.MergeAsync(settlement, cancellationToken),
        Operation.AddAlias => _identity.AddAliasAsync(settlement, cancellationToken),
        Operation.IdentifyProfile => _identity.IdentifyAsync(settlement, cancellationToken),
        Operation.DeleteProfile => _deletion.DeleteAsync(settlement, cancellationToken),
        _ => TrackAsync(settlement, cancellationToken),
    };

    /// <summary>
    /// An event makes nobody known. Braze takes one of a person it does not know and keeps silent, so each person is looked up before;
    /// who is found has been created, and no request about the creation can be overtaken by the event.
    /// </summary>
    private async Task TrackEventsAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var known = await _profiles.KnownAsync([.. settlement.Open.Select(item => settlement[item].Key).Distinct()], cancellationToken);
        settlement.Settle(settlement.Open.Where(item => !known.Contains(settlement[item].Key)), Outcome.RetryLater, ReasonCode.NotFound);
        await TrackAsync(settlement, cancellationToken);
    }

    private async Task TrackAsync(BatchSettlement settlement, CancellationToken cancellationToken)
        => settlement.Settle(await _tracking.SendAsync(settlement, settlement.Open, cancellationToken), Outcome.Delivered);
}
