using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Identity;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Explain;

/// <summary>
/// Explains one person for one destination by asking what the real path asks: the destination's consent, its mapping, the plan of a run and the preparation of a claim. Nothing is decided here; what
/// they say is put into words, in the order in which they say it. Pure.
/// </summary>
internal sealed class DestinationExplanation
{
    private const int MostShown = 20;

    private static readonly string[] _open = [LetterStatus.Open, LetterStatus.CameBack];

    private readonly Destination _destination;
    private readonly PersonStanding _person;
    private readonly DateTimeOffset _now;
    private readonly bool _reveal;
    private readonly AudienceStanding? _audience;
    private readonly AudienceStanding? _stays;
    private readonly ConsentDecision _consent;
    private readonly MappedRecord _mapped;
    private readonly PlanDecision? _plan;
    private readonly ClaimPreparation? _claim;

    private DestinationExplanation(Destination destination, PersonStanding person, DateTimeOffset now, bool reveal)
    {
        (_destination, _person, _now, _reveal) = (destination, person, now, reveal);
        var profile = person.Profile;
        _consent = destination.Decide(profile.ConsentJson);
        _mapped = destination.Mapping.Map(new ProfileView(profile.ExternalId, profile.Email, profile.Phone, profile.AttributesJson));
        var members = person.Audiences.Where(audience => audience.IsMember == true).ToList();
        _audience = members.Find(audience => !audience.IsRemoteMember || audience.InDoubt) ?? members.FirstOrDefault();
        _stays = _audience is null || !_consent.Allowed ? person.Audiences.FirstOrDefault(audience => audience.IsRemoteMember || audience.InDoubt) : null;
        _plan = _audience is { } asked ? PlanDecision.For(destination, SyncMode.Full, CandidateOf(asked), 1) : null;
        _claim = _plan is { Operation: { } operation } ? Claim(operation, _audience!.Audience) : null;
    }

    private string Name => _destination.Name;

    private string AudienceOrAny => _audience?.Audience ?? _person.Audiences.Select(audience => audience.Audience).FirstOrDefault() ?? "AUDIENCE";

    /// <summary>True when the destination confirmed what a run would send now.</summary>
    private bool IsThere => _plan is { Outcome: LedgerOutcome.Unchanged, Code: null or StateDecision.SaidThere };

    /// <summary>True when the destination's own vendor stated all that changed since it confirmed the person.</summary>
    private bool IsSaidThere => _plan?.Code == StateDecision.SaidThere;

    /// <summary>Explains.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="person">What is known.</param>
    /// <param name="before">The first no of the steps before, or null.</param>
    /// <param name="now">The time.</param>
    /// <param name="reveal">True for values in full.</param>
    public static DestinationExplanationJson Of(Destination destination, PersonStanding person, StepJson? before, DateTimeOffset now, bool reveal) =>
        new DestinationExplanation(destination, person, now, reveal).Tell(before);

    private DestinationExplanationJson Tell(StepJson? before)
    {
        StepJson[] all = [AudienceStep(), ConsentStep(), ExplainedPolicy.Of(_destination), ExplainedOwnership.Of(_destination, _destination.Ownership, HeldValues.Of(_destination.Flapping, _person.Profile.AttributesJson, _person.Profile.TimesJson, _now), _person.Written), MappingStep(), DiffStep(), DeliveryStep(), ReadBackStep()];
        var stop = before is not null ? 0 : Array.FindIndex(all, step => step.Result is ExplainWord.No or ExplainWord.Waits) is >= 0 and var at ? at + 1 : all.Length;
        var steps = all.Select((step, i) => i < stop ? step : step with { IsReached = false }).ToList();
        var first = before ?? (stop <= all.Length && stop > 0 && all[stop - 1].Result is ExplainWord.No or ExplainWord.Waits ? all[stop - 1] : null);
        return new DestinationExplanationJson(
            Name, Headline(first, all[^1]), steps, [.. _person.Audiences.Select(audience => ExplainedRows.Of(audience, _person.Runs))], Fields(),
            [.. _person.Pending.Take(MostShown).Select(ExplainedRows.Of)], [.. _person.Outcomes.Take(MostShown).Select(outcome => ExplainedRows.Of(outcome, _person.Policies))], [.. _person.Letters.Select(letter => letter.DeadLetterId)]);
    }

    private HeadlineJson Headline(StepJson? first, StepJson readBack)
    {
        if (first is null)
        {
            var confirmed = _person.Remote?.ConfirmedAt is { } at ? $", confirmed {Time(at)}" : "";
            return new HeadlineJson(ExplainWord.Yes, ExplainWord.ReadBack, readBack.Code, Name, $"IN {Name}: sent{confirmed}; {readBack.Reason}", readBack.Fix);
        }

        if (first.Step is ExplainWord.Audience or ExplainWord.Consent && _stays is { } stays)
        {
            var (leaving, fix) = Leaving(stays);
            return new HeadlineJson(first.Result, first.Step, first.Code, Name, $"STILL IN {Name}: {first.Reason} {leaving}", fix);
        }

        var begin = (first.Result, first.Step) switch
        {
            (ExplainWord.Waits, _) => $"WAITS for {Name}",
            (_, ExplainWord.ReadBack) => $"NOT AS SENT at {Name}",
            (_, ExplainWord.Delivery) => $"NOT ARRIVED at {Name}",
            _ => $"NOT SENT to {Name}",
        };
        return new HeadlineJson(first.Result, first.Step, first.Code, Name, $"{begin}: {first.Reason}", first.Fix);
    }

    private (string Sentence, string? Fix) Leaving(AudienceStanding stays) => StillThere.Say(
        Name, stays, PlanDecision.For(_destination, SyncMode.Full, CandidateOf(stays), 1, isUnknown: _person.Refused.Any(row => row.Audience == stays.Audience)),
        _person.Pending.FirstOrDefault(pending => pending.Operation == Operation.RemoveMember && pending.Audience == stays.Audience) is { } owed ? Waiting(owed) : null, Running(stays.Audience),
        _person.Outcomes.FirstOrDefault(outcome => outcome.Operation == Operation.RemoveMember && outcome.Audience == stays.Audience));

    private StepJson AudienceStep()
    {
        if (_person.Audiences.Count == 0)
        {
            return new StepJson(ExplainWord.Audience, ExplainWord.No, "no audience goes there.") { Code = "no_audience", Fix = $"Name {Name} under destinations in an audience's file." };
        }

        if (_audience is { } member)
        {
            var members = _person.Audiences.Where(audience => audience.IsMember == true).ToList();
            return new StepJson(ExplainWord.Audience, ExplainWord.Yes, $"member of {string.Join(", ", members.Select(audience => audience.Audience))}.") { At = member.Since, Inputs = [.. members.Select(audience => new InputJson(audience.Audience, $"since {(audience.Since is { } since ? Time(since) : "ever")}"))] };
        }

        if (_person.Refused is [var row, ..])
        {
            return new StepJson(
                ExplainWord.Audience, ExplainWord.No,
                string.Create(CultureInfo.InvariantCulture, $"line {row.Line} of the last list of {row.Audience}, which is about the person, was refused: {row.Code} in {row.Field}."))
            { Code = row.Code, At = row.LoadedAt, Fix = $"{MappingFailures.FixOf(row.Code) ?? "Mend the row."} Then load the list again; 'snapshots show {row.SnapshotId}' shows all such rows.", Inputs = [new InputJson("snapshot", row.SnapshotId.ToString())] };
        }

        var left = _person.Audiences.FirstOrDefault(audience => audience is { IsMember: false, Since: not null });
        return new StepJson(
            ExplainWord.Audience, ExplainWord.No,
            left is null ? $"the person belongs to no audience that goes there ({string.Join(", ", _person.Audiences.Select(audience => audience.Audience))})." : $"the person left {left.Audience} {Time(left.Since!.Value)} and belongs to no audience that goes there.")
        { Code = StateDecision.NotAMember, At = left?.Since, Fix = "Load a list of the audience that names the person, or state audience_membership_changed; where the person should be one, look whether the list spells the id as the hub knows it." };
    }

    private StepJson ConsentStep()
    {
        var states = States();
        var state = _consent.Purpose is { } purpose && states.TryGetValue(_consent.Code == ConsentCode.Suppressed ? Suppression.PurposeOf(_consent.Rule ?? "") : purpose, out var found) ? found : (PurposeConsent?)null;
        var decided = state is { } said ? $", decided {Time(said.DecidedAt)} by {said.Source}" : "";
        var elsewhere = states.Where(one => !one.Value.IsGranted && one.Key != ConsentSignalWord.Gpc && !one.Key.StartsWith(Suppression.Prefix, StringComparison.Ordinal) && !_destination.Purposes.Contains(one.Key)).ToList();
        var beside = _consent.Allowed && elsewhere.Count > 0 ? $" The person denied {string.Join(", ", elsewhere.Select(one => one.Key))}, and {Name} does not go by that." : "";
        return new StepJson(ExplainWord.Consent, _consent.Allowed ? ExplainWord.Yes : ExplainWord.No, $"{ReasonSentence.OfConsent(_consent, decided)}{beside}")
        {
            Code = _consent.Code,
            Fix = ReasonSentence.FixOfConsent(_consent.Code),
            At = state?.DecidedAt,
            Inputs =
            [
                .. _destination.Purposes.Select(asked => new InputJson(asked, states.TryGetValue(asked, out var one) ? $"{one.Status} {Time(one.DecidedAt)} ({one.Source}{(one.HasEvidence ? ", with evidence" : "")})" : "nothing known")),
                .. elsewhere.Select(one => new InputJson(one.Key, $"{one.Value.Status} {Time(one.Value.DecidedAt)} ({one.Value.Source}), not asked for here")),
                .. states.Where(one => one.Key.StartsWith(Suppression.Prefix, StringComparison.Ordinal) && !one.Value.IsGranted).Select(one => new InputJson(one.Key, $"since {Time(one.Value.DecidedAt)} ({one.Value.Source})")),
                .. _consent.Code == ConsentCode.Unreadable ? [] : ExplainedRows.PlaceIn(_person.Profile.ConsentJson),
                .. Facts(("rule", _consent.Rule), ("basis", _consent.Basis), ("region", _consent.Region), ("valid_until", _consent.ValidUntil is { } end ? Time(end) : null)),
            ],
        };
    }

    private StepJson MappingStep()
    {
        var version = _destination.Mapping.Version;
        if (_mapped.Rejection is { } rejection)
        {
            return new StepJson(ExplainWord.Mapping, ExplainWord.No, $"the field {rejection.Field} cannot be filled: {rejection.Code}.") { Code = rejection.Code, Fix = MappingFailures.FixOf(rejection.Code), Version = version };
        }

        if (_claim is { Settled: [{ Outcome: LedgerOutcome.Rejected } refused, ..] })
        {
            return new StepJson(ExplainWord.Mapping, ExplainWord.No, ReasonSentence.OfOutcome(refused.Outcome!, refused.Code)) { Code = refused.Code, Fix = ReasonSentence.FixOfOutcome(refused.Code, AudienceOrAny, Name), Version = version };
        }

        return new StepJson(
            ExplainWord.Mapping, ExplainWord.Yes,
            string.Create(CultureInfo.InvariantCulture, $"{_mapped.Fields.Count} fields are filled{(_mapped.Dropped.Count == 0 ? "" : $"; left out: {string.Join(", ", _mapped.Dropped.Select(issue => $"{issue.Field} ({issue.Code})"))}")}."))
        { Version = version, Inputs = [new InputJson("identity_key", _destination.IdentityKeyKind)] };
    }

    private StepJson DiffStep() => _mapped.Rejection is not null
        ? new StepJson(ExplainWord.Diff, ExplainWord.Unknown, "there is nothing to compare.")
        : _person.Remote?.ContentHash is not { } confirmed
            ? new StepJson(ExplainWord.Diff, ExplainWord.Yes, $"{Name} is not known to have anything of it: all of it is to be sent.")
            : new StepJson(ExplainWord.Diff, ExplainWord.Yes, confirmed == _mapped.ContentHash ? "nothing differs from what was confirmed, so nothing is sent."
                : IsSaidThere ? "what differs from what was confirmed was stated by the vendor itself, so nothing is sent."
                : "what would be sent differs from what was confirmed.")
            {
                Code = confirmed == _mapped.ContentHash ? LedgerOutcome.Unchanged : IsSaidThere ? StateDecision.SaidThere : null,
                At = _person.Remote.ConfirmedAt,
                Inputs = [.. Facts(("confirmed_by_run", _person.Remote.RunId?.ToString()), ("remote_id_known", _person.Remote.RemoteId is null ? "no" : "yes"))],
            };

    private StepJson DeliveryStep()
    {
        var owed = _person.Pending.FirstOrDefault(pending => pending.Operation is not (Operation.SetConsent or Operation.TrackEvent) && (pending.Audience.Length == 0 || _audience is null || pending.Audience == _audience.Audience));
        if (owed is not null)
        {
            return Waiting(owed);
        }

        if (!IsThere && Running(_audience?.Audience) is { } running)
        {
            return running;
        }

        if (IsThere)
        {
            return new StepJson(ExplainWord.Delivery, ExplainWord.Yes, $"{Name} confirmed what is known now{(_person.Remote?.ConfirmedAt is { } at ? $" {Time(at)}" : "")}.") { At = _person.Remote?.ConfirmedAt };
        }

        if (_person.Letters.FirstOrDefault(letter => _open.Contains(letter.Status) && IsOfState(letter.Operation)) is { } letter)
        {
            return new StepJson(ExplainWord.Delivery, ExplainWord.No, string.Create(CultureInfo.InvariantCulture, $"it is dead letter {letter.DeadLetterId} since {Time(letter.At)}: {ReasonSentence.OfOutcome(letter.Outcome, letter.Code)}"))
            { Code = letter.Code, At = letter.At, Fix = DeadLetterAdvice.For(letter), Inputs = [new InputJson("run", letter.RunId.ToString()), new InputJson("attempts", letter.Attempts.ToString(CultureInfo.InvariantCulture))] };
        }

        return Tried(_person.Outcomes.FirstOrDefault(outcome => outcome.Operation is not (Operation.SetConsent or Operation.TrackEvent) && (outcome.Audience.Length == 0 || outcome.Audience == _audience?.Audience)));
    }

    private StepJson? Running(string? audience)
    {
        if (_person.Runs.FirstOrDefault(last => last.Audience == audience) is not { FinishedAt: null } run)
        {
            return null;
        }

        var verdict = _person.RunVerdicts.GetValueOrDefault(run.RunId);
        return new StepJson(ExplainWord.Delivery, ExplainWord.Waits, verdict?.Sentence ?? $"the run that is to bring it is in the state {run.State}.")
        { Code = verdict?.Code ?? run.State, At = run.RequestedAt, Fix = verdict?.Action is { } action ? $"'{action}'" : $"'sync show {run.RunId}'", Inputs = [new InputJson("run", run.RunId.ToString()), new InputJson("state", run.State)] };
    }

    private StepJson Waiting(PendingDelivery owed)
    {
        var verdict = _person.RunVerdicts.GetValueOrDefault(owed.RunId) ?? _person.LaneVerdicts.GetValueOrDefault(owed.Lane);
        var reason = _claim is { Waiting.Count: > 0 } ? $"{Name} is told first who the person is there."
            : verdict is not null ? verdict.Sentence
            : owed.LastCode == FlappingRule.Held ? $"a truth value goes back and forth; what it is when it has stood still is written by itself at {Time(owed.DueAt)}."
            : owed.Attempt > 0 ? string.Create(CultureInfo.InvariantCulture, $"it was tried {owed.Attempt} times, last with {owed.LastCode ?? "no answer"}; the next attempt is at {Time(owed.DueAt)}.")
            : $"it is owed since {Time(owed.OwedSince)} and goes by itself{(owed.DueAt > _now ? $" at {Time(owed.DueAt)}" : "")}.";
        return new StepJson(ExplainWord.Delivery, ExplainWord.Waits, reason)
        {
            Code = verdict?.Code ?? owed.LastCode ?? "pending",
            At = owed.OwedSince,
            Fix = verdict?.Action is { } action ? $"'{action}'" : null,
            Inputs = [.. Facts(("lane", owed.Lane), ("operation", ExplainedRows.NameOf(owed.Operation)), ("attempts", owed.Attempt.ToString(CultureInfo.InvariantCulture)), ("last_code", owed.LastCode), ("maybe_sent", owed.MaybeSent ? "yes" : null))],
        };
    }

    private StepJson Tried(DecidedOutcome? last) => last switch
    {
        null => new StepJson(ExplainWord.Delivery, ExplainWord.No, $"nothing is owed and nothing was tried: no run of {AudienceOrAny} has looked at the person since.") { Code = "never_owed", Fix = $"Start a run: 'sync start {AudienceOrAny} --destination {Name}'." },
        { Outcome: LedgerOutcome.Delivered or LedgerOutcome.Unchanged } => new StepJson(ExplainWord.Delivery, ExplainWord.No, $"what {Name} was last sent, {Time(last.At)}, is older than what is known now.") { Code = "newer_here", At = last.At, Fix = $"The next run brings it: 'sync start {AudienceOrAny} --destination {Name}'." },
        { Code: { } code } when IsOver(code) => new StepJson(ExplainWord.Delivery, ExplainWord.No, $"{Time(last.At)} it was held back for a reason that is over ({code}), and no run has looked at the person since.") { Code = "newer_here", At = last.At, Fix = $"The next run brings it: 'sync start {AudienceOrAny} --destination {Name}'." },
        _ => new StepJson(ExplainWord.Delivery, ExplainWord.No, $"{Time(last.At)}: {ReasonSentence.OfOutcome(last.Outcome, last.Code)}") { Code = last.Code, At = last.At, Fix = ReasonSentence.FixOfOutcome(last.Code, AudienceOrAny, Name), Inputs = [new InputJson("run", last.RunId.ToString())] },
    };

    /// <summary>True for a no of the consent or the mapping, where neither says it any more.</summary>
    private bool IsOver(string code) => ConsentCode.All.Contains(code) ? _consent.Allowed : MappingFailures.FixOf(code) is not null && MappingStep().Result == ExplainWord.Yes;

    private StepJson ReadBackStep()
    {
        if (_person.Look is { } look)
        {
            return Looked(look);
        }

        var run = _person.Runs.FirstOrDefault(last => last.Audience == _audience?.Audience);
        if (run is not null && _person.Findings.FirstOrDefault(finding => finding.RunId == run.RunId) is { } finding)
        {
            return new StepJson(ExplainWord.ReadBack, ExplainWord.No, ReasonSentence.OfFinding(finding.Kind, finding.Cause, finding.Field))
            { Code = finding.Cause ?? finding.Kind, At = run.VerifiedAt, Fix = $"'reconcile' with healing brings it back; the runbook drift says how to choose.", Inputs = [new InputJson("run", run.RunId.ToString())] };
        }

        return run switch
        {
            { FinishedAt: null, State: RunState.Verifying } => new StepJson(ExplainWord.ReadBack, ExplainWord.Waits, "it was sent, and the run is reading back what the vendor has.") { Code = "not_read_back", At = run.RequestedAt, Fix = $"'sync show {run.RunId}'", Inputs = [new InputJson("run", run.RunId.ToString())] },
            { VerifiedAt: { } verified } => new StepJson(ExplainWord.ReadBack, ExplainWord.Yes, $"read back {Time(verified)}, and nothing was missing of the person.") { At = verified, Inputs = [new InputJson("run", run.RunId.ToString())] },
            _ => new StepJson(ExplainWord.ReadBack, ExplainWord.Unknown, "nobody has read it back from the vendor.") { Code = "not_read_back", Fix = "Ask the vendor now with --live." },
        };
    }

    private StepJson Looked(VendorLook look)
    {
        var held = look.Profiles.Where(FieldDifferences.IsAlive).ToList();
        var different = Fields().Where(field => field.IsSame == false).Select(field => field.Field).ToList();
        return look switch
        {
            { Problem: { } problem } => new StepJson(ExplainWord.ReadBack, ExplainWord.Unknown, problem) { Code = "not_asked", At = look.At, Fix = $"'destinations check {Name}'" },
            _ when held.Count == 0 => new StepJson(ExplainWord.ReadBack, ExplainWord.No, $"asked {Time(look.At)}: the vendor has nobody under the person's key.") { Code = FindingCause.DeletedThere, At = look.At, Fix = ReasonSentence.FixOfOutcome(FindingCause.DeletedThere, AudienceOrAny, Name) },
            _ when held.Count > 1 => new StepJson(ExplainWord.ReadBack, ExplainWord.No, string.Create(CultureInfo.InvariantCulture, $"asked {Time(look.At)}: the vendor has {held.Count} people under the person's key.")) { Code = FindingCause.SameKey, At = look.At, Fix = "Join them in the vendor's console." },
            _ when different.Count > 0 => new StepJson(ExplainWord.ReadBack, ExplainWord.No, $"asked {Time(look.At)}: the vendor has other values in {string.Join(", ", different)}.") { Code = FindingCause.ChangedThere, At = look.At, Fix = $"'sync start {AudienceOrAny} --destination {Name}' where ours are right." },
            _ => new StepJson(ExplainWord.ReadBack, ExplainWord.Yes, $"asked {Time(look.At)}: the vendor shows the same.") { At = look.At },
        };
    }

    private IReadOnlyList<ExplainedFieldJson> Fields() => ExplainedFields.Of(_destination, _mapped, _person.Look, _person.Written, _reveal);

    private PlanCandidate CandidateOf(AudienceStanding audience) => new()
    {
        ProfileId = _person.Profile.ProfileId,
        ExternalId = _person.Profile.ExternalId,
        Email = _person.Profile.Email,
        Phone = _person.Profile.Phone,
        AttributesJson = _person.Profile.AttributesJson,
        ConsentJson = _person.Profile.ConsentJson,
        ProfileVersion = _person.Profile.Version,
        IsMember = audience.IsMember == true,
        IsRemoteMember = audience is { IsRemoteMember: true, InDoubt: false },
        MayBeRemoteMember = audience.InDoubt,
        AddedByHub = audience.AddedByHub,
        ConfirmedHash = _person.Remote?.ContentHash,
        ConfirmedVersion = _person.Remote?.Confirmed is { } confirmed && confirmed.Plan == _destination.PlanVersion ? confirmed.Profile : null,
        TimesJson = _person.Profile.TimesJson,
        RemoteId = _person.Remote?.RemoteId,
    };

    private ClaimPreparation Claim(Operation operation, string audience) => ClaimPreparation.For(
        _destination,
        [
            new ClaimedDelivery
            {
                DeliveryId = 0, RunId = Guid.Empty, Audience = audience, Operation = operation, Attempt = 0, ProfileId = _person.Profile.ProfileId, ExternalId = _person.Profile.ExternalId, Email = _person.Profile.Email,
                Phone = _person.Profile.Phone, AttributesJson = _person.Profile.AttributesJson, ConsentJson = _person.Profile.ConsentJson, ProfileVersion = _person.Profile.Version, RemoteId = _person.Remote?.RemoteId,
            },
        ],
        keyHolders: _person.KeyHolders, ahead: _person.Ahead);

    private IReadOnlyDictionary<string, PurposeConsent> States()
    {
        try
        {
            return StoredConsent.Read(_person.Profile.ConsentJson);
        }
        catch (JsonException)
        {
            return new Dictionary<string, PurposeConsent>();
        }
    }

    /// <summary>True for letters about how the person is there, and not about something that happened.</summary>
    private static bool IsOfState(string operation) => operation is not ("set_consent" or "track_event");

    private static IEnumerable<InputJson> Facts(params (string Name, string? Value)[] facts) => facts.Where(fact => fact.Value is not null).Select(fact => new InputJson(fact.Name, fact.Value!));

    internal static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
