using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>Counts what changes for one audience at one destination, person by person, by the code that plans runs. Its size follows the fields, not the people.</summary>
/// <param name="before">The rules in force; null when the audience does not go there yet.</param>
/// <param name="after">The rules of the plan.</param>
internal sealed class SyncTally(DestinationRules? before, DestinationRules after)
{
    private readonly Dictionary<Operation, long> _owed = [];
    private readonly Dictionary<(string Outcome, string? Code), long> _settled = [];
    private readonly Dictionary<string, FieldTally> _anew = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FieldTally> _changed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FieldTally> _stopped = new(StringComparer.Ordinal);
    private long _newlySent;
    private long _noLongerSent;

    /// <summary>People who were counted.</summary>
    public long LookedAt { get; private set; }

    /// <summary>Counts one person.</summary>
    public void Add(PlanCandidate candidate)
    {
        LookedAt++;
        var decision = PlanDecision.For(after, SyncMode.Full, candidate, 1);
        if (decision.Operation is { } operation)
        {
            _owed[operation] = _owed.GetValueOrDefault(operation) + 1;
        }
        else
        {
            var key = (decision.Outcome!, decision.Code);
            _settled[key] = _settled.GetValueOrDefault(key) + 1;
        }

        // Whom the destination has as the plan would have it: nothing changes there, whatever is in force.
        var isThere = decision is { Operation: null, Outcome: LedgerOutcome.Unchanged, Code: null };
        if (!candidate.IsMember || isThere)
        {
            return;
        }

        var (was, now) = (Sent(before, candidate), Sent(after, candidate));
        if (was is null && now is not null)
        {
            _newlySent++;
        }
        else if (was is not null && now is null)
        {
            _noLongerSent++;
        }

        if (now is { } next && candidate.AttributesJson is not null)
        {
            Compare(was, next);
        }
    }

    /// <summary>What was counted.</summary>
    /// <param name="audience">Key of the audience.</param>
    /// <param name="people">How many people there are.</param>
    /// <param name="limits">The destination's quota.</param>
    /// <param name="at">When the run would begin.</param>
    public SyncEffectJson Told(string audience, long people, QuotaLimits limits, DateTimeOffset at)
    {
        EstimateJson Estimate(long found) => EstimateJson.Of(found, LookedAt, people);
        var owed = _owed.ToDictionary(found => found.Key, found => Estimate(found.Value));
        var calls = owed.Sum(found => after.Descriptor.Operations[found.Key] is var batch ? BackfillPlan.Batches(found.Value.Count, batch.MaxRecords) * batch.CallsPerBatch : 0);
        var pace = limits with { BackfillShare = 1, DayShares = new Dictionary<string, double> { [Lane.Backfill] = limits.DayShares.GetValueOrDefault(Lane.Bulk, 1) } };
        var forecast = calls == 0 ? null : BackfillForecast.For(owed.Sum(found => found.Value.Count), new BackfillCallsJson(0, calls, 0), pace, [], null, null, at);
        return new SyncEffectJson
        {
            Audience = audience,
            Destination = after.Name,
            People = people,
            LookedAt = LookedAt,
            Add = owed.GetValueOrDefault(Operation.AddMember),
            Update = owed.GetValueOrDefault(Operation.UpsertProfile),
            Remove = owed.GetValueOrDefault(Operation.RemoveMember),
            Settled = [.. _settled.OrderByDescending(found => found.Value).Select(found => new SettledEffectJson(found.Key.Outcome, found.Key.Code, Estimate(found.Value)))],
            NewlySent = Estimate(_newlySent),
            NoLongerSent = Estimate(_noLongerSent),
            LeavesAnew = Fields(_anew, after),
            Changes = Fields(_changed, after),
            Stops = Fields(_stopped, before ?? after),
            Calls = calls,
            Seconds = forecast is null ? null : Math.Ceiling(forecast.Work.TotalSeconds),
            LimitedBy = forecast?.LimitedBy,
        };

        IReadOnlyList<FieldEffectJson> Fields(Dictionary<string, FieldTally> tallies, DestinationRules rules) =>
            [.. tallies.Select(tally => tally.Value.Told(rules, tally.Key, LookedAt, people)).OrderByDescending(field => field.People.Count).ThenBy(field => field.Field, StringComparer.Ordinal)];
    }

    /// <summary>What may be sent about a member; null when nothing may. Without fields where the person was not read, since the destination has them.</summary>
    private static MappedRecord? Sent(DestinationRules? rules, PlanCandidate candidate)
    {
        if (rules is null || candidate.IsJoined || !rules.Decide(candidate.ConsentJson).Allowed)
        {
            return null;
        }

        if (candidate.AttributesJson is null)
        {
            return new MappedRecord { Fields = [], Dropped = [], Withheld = [] };
        }

        var mapped = rules.Mapping.Map(new ProfileView(candidate.ExternalId, candidate.Email, candidate.Phone, candidate.AttributesJson));
        return mapped.Rejection is null ? mapped : null;
    }

    private void Compare(MappedRecord? was, MappedRecord now)
    {
        if (was is { } old && old.ContentHash == now.ContentHash)
        {
            return;
        }

        foreach (var (name, value) in now.Fields)
        {
            var earlier = was is { } known ? Find(known, name) : null;
            if (earlier is { Kind: not FieldKind.Null } filled)
            {
                if (filled != value)
                {
                    TallyOf(_changed, name).Add(after, name, filled, value);
                }
            }
            else if (value.Kind != FieldKind.Null)
            {
                TallyOf(_anew, name).Add(after, name, null, value);
            }
        }

        foreach (var (name, value) in was is { } gone && before is not null ? gone.Fields : [])
        {
            if (value.Kind != FieldKind.Null && Find(now, name) is null)
            {
                TallyOf(_stopped, name).Add(before!, name, value, null);
            }
        }
    }

    private static FieldValue? Find(in MappedRecord record, string name)
    {
        foreach (var (known, value) in record.Fields)
        {
            if (known == name)
            {
                return value;
            }
        }

        return null;
    }

    private static FieldTally TallyOf(Dictionary<string, FieldTally> tallies, string name)
    {
        if (!tallies.TryGetValue(name, out var tally))
        {
            tallies[name] = tally = new FieldTally();
        }

        return tally;
    }
}
