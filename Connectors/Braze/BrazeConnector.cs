using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Braze;

/// <summary>A Braze workspace as a destination: people are attributes objects, an audience is a boolean attribute.</summary>
internal sealed partial class BrazeConnector : IConnector, IMemberLookup
{
    private readonly BrazeOptions _options;
    private readonly BrazeClient _client;
    private readonly ILogger _logger;

    public BrazeConnector(ConnectorContext context)
    {
        _options = new BrazeOptions(context.Settings);
        _client = new BrazeClient(_options, context);
        _logger = context.Loggers.CreateLogger("IntegrationHub.Connectors.Braze");
    }

    public ConnectorDescriptor Descriptor => BrazeDescriptor.Instance;

    /// <summary>Fifty external ids fit into an export, but only one e-mail address.</summary>
    public int MaxKeysPerLookup => _options.IdentityIsEmail ? 1 : BrazeDescriptor.MaxExportedIds;

    /// <summary>Asks for nobody, then sends nothing: both calls are refused for the right reason only if the key and its permissions are good.</summary>
    public async Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        var nobody = BrazeMapper.WriteExport(["integrationhub-check"], identityIsEmail: false);
        var export = await _client.ExportAsync(nobody, BrazeDescriptor.ExternalId, "", cancellationToken);
        if (ConditionOf(export) is { } unreadable)
        {
            return unreadable;
        }

        var track = await _client.TrackAsync("{\"attributes\":[]}"u8.ToArray(), cancellationToken);
        return track is { Status: 400, Body: not null } || BrazeOutcomes.OfRequest(track.Status, track.Body) is not { } verdict
            ? null
            : Condition(verdict, track.Wait);
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
        var outcomes = new RecordOutcome[batch.Items.Count];
        var condition = await DeliverAsync(batch, Enumerable.Range(0, outcomes.Length).ToArray(), outcomes, cancellationToken);
        return new Receipt { Outcomes = outcomes, Condition = condition };
    }

    public async Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(
        AudienceTarget audience, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, MaxKeysPerLookup);
        if (keys.Count == 0)
        {
            return [];
        }

        var body = BrazeMapper.WriteExport(keys, _options.IdentityIsEmail);
        var keyField = _options.IdentityIsEmail ? BrazeDescriptor.Email : BrazeDescriptor.ExternalId;
        var answer = await _client.ExportAsync(body, keyField, audience.RemoteRef, cancellationToken);
        if (ConditionOf(answer) is { } condition)
        {
            throw new DestinationException(condition);
        }

        return [.. answer.Body!.Members.DistinctBy(member => member.Key)];
    }

    private async Task<DestinationCondition?> DeliverAsync(Batch batch, int[] items, RecordOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var unsendable = new List<Unsendable>();
        var requests = BrazeMapper.Write(batch, items, _options.IdentityIsEmail, unsendable);
        foreach (var (item, code) in unsendable)
        {
            Settle(item, new BrazeVerdict(Outcome.Rejected, null, code));
        }

        DestinationCondition? condition = null;
        foreach (var request in requests)
        {
            if (condition is null)
            {
                condition = await SendAsync(batch, request, outcomes, cancellationToken);
                continue;
            }

            foreach (var item in request.Items)
            {
                Settle(item, new BrazeVerdict(Outcome.NotSent, condition.Trouble, condition.Code));
            }
        }

        return condition;

        void Settle(int item, BrazeVerdict verdict) => outcomes[item] = OutcomeOf(batch.Items[item], verdict);
    }

    private async Task<DestinationCondition?> SendAsync(
        Batch batch, TrackRequest request, RecordOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var answer = await _client.TrackAsync(request.Body, cancellationToken);
        if (BrazeOutcomes.OfRequest(answer.Status, answer.Body) is not { } verdict)
        {
            Attribute(batch, request, answer.Status, answer.Body!.Errors, outcomes);
            return null;
        }

        Log.Refused(_logger, _options.Destination, verdict.Code!, answer.Status, request.Items.Count);
        if (verdict.Split && request.Items.Count > 1)
        {
            var middle = request.Items.Count / 2;
            return await DeliverAsync(batch, [.. request.Items.Take(middle)], outcomes, cancellationToken) is { } first
                ? SettleAll(batch, request.Items.Skip(middle), new BrazeVerdict(Outcome.NotSent, first.Trouble, first.Code), first.RetryAfter, outcomes)
                : await DeliverAsync(batch, [.. request.Items.Skip(middle)], outcomes, cancellationToken);
        }

        return SettleAll(batch, request.Items, verdict, answer.Wait, outcomes);
    }

    private static DestinationCondition? SettleAll(
        Batch batch, IEnumerable<int> items, BrazeVerdict verdict, TimeSpan? wait, RecordOutcome[] outcomes)
    {
        foreach (var item in items)
        {
            outcomes[item] = OutcomeOf(batch.Items[item], verdict);
        }

        return verdict.Trouble is null ? null : Condition(verdict, wait);
    }

    /// <summary>Gives each error to the record it names. With a 400 the records that no error names were not taken either.</summary>
    private void Attribute(Batch batch, TrackRequest request, int status, IReadOnlyList<TrackError> errors, RecordOutcome[] outcomes)
    {
        var nobodys = errors.Any(error => error.InputArray is not (null or "attributes") || error.Index is not { } index || index < 0 || index >= request.Items.Count);
        var others = nobodys || status == 400 ? BrazeOutcomes.Unattributed : new BrazeVerdict(Outcome.Delivered, null, null);
        SettleAll(batch, request.Items, others, null, outcomes);
        foreach (var error in errors)
        {
            if (error is { InputArray: null or "attributes", Index: { } index } && index >= 0 && index < request.Items.Count)
            {
                var item = request.Items[index];
                outcomes[item] = OutcomeOf(batch.Items[item], BrazeOutcomes.OfRecord(error.Type));
            }
        }

        if (errors.Count > 0)
        {
            Log.Dropped(_logger, _options.Destination, errors.Count, request.Items.Count);
        }
    }

    private static RecordOutcome OutcomeOf(BatchItem item, BrazeVerdict verdict)
        => new() { RecordId = item.RecordId, Outcome = verdict.Outcome, Code = verdict.Code };

    private static DestinationCondition? ConditionOf(BrazeAnswer<ExportAnswer> answer)
        => BrazeOutcomes.OfRequest(answer.Status, answer.Body is not null, answer.Body?.Message, hasErrors: false) is { } verdict
            ? Condition(verdict, answer.Wait)
            : null;

    private static DestinationCondition Condition(BrazeVerdict verdict, TimeSpan? wait) => new(
        verdict.Trouble ?? DestinationTrouble.Unavailable, verdict.Code!, verdict.Trouble == DestinationTrouble.Throttled ? wait : null);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Destination} refused a request: {Code} (status {Status}, {Records} records)")]
        public static partial void Refused(ILogger logger, string destination, string code, int status, int records);

        [LoggerMessage(2, LogLevel.Information, "{Destination} dropped {Dropped} of {Records} records")]
        public static partial void Dropped(ILogger logger, string destination, int dropped, int records);
    }
}
