using System.Globalization;
using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Standings;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Explain;

/// <summary>Gathers what is known of one person and has it explained, destination by destination (decision 0073).</summary>
internal sealed class PersonExplainer(
    HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, PersonFinder finder, IDeliveryStore deliveries, IRunStore runs, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private const int FactsShown = 10;
    private const int OutcomesRead = 60;

    /// <summary>Explains whom a key means; somebody who is not known is answered, too.</summary>
    /// <param name="key">A key of the person, or the hub's own number (<see cref="PersonFinder.OwnNumber"/>).</param>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<ExplanationJson> ExplainAsync(string key, ExplainQuestionJson question, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var at = question.At ?? now;
        var asked = destinations.All.Where(destination => question.Destination is null || destination.Name == question.Destination).OrderBy(destination => destination.Name, StringComparer.Ordinal).ToList();
        var looks = new Dictionary<string, VendorLook>(StringComparer.Ordinal);
        if (question is { Live: true, At: null })
        {
            var person = await transactions.ReadAsync(async db => (await finder.FindAsync(db, key, cancellationToken)).ProfileId is { } id ? await PersonBook.FindAsync(db, id, cancellationToken) : null);
            foreach (var destination in person is null ? [] : asked)
            {
                looks[destination.Name] = await VendorLook.AskAsync(
                    destination.ReadBack.Connector, destination.KeyOf(person!.ExternalId, person.Email), [.. destination.MappedFields.Select(field => field.To)], now, cancellationToken);
            }
        }

        return await transactions.ReadAsync(async db =>
        {
            var found = await finder.FindAsync(db, key, cancellationToken);
            if (found.ProfileId is not { } id || await PersonBook.FindAsync(db, id, cancellationToken) is not { } profile)
            {
                return NotFound(found, at, question.At is not null);
            }

            var facts = await FactsStepAsync(db, id, at, cancellationToken);
            var identity = IdentityStep(found.File);
            var told = question.At is { } then
                ? await PastAsync(db, profile, asked, then, cancellationToken)
                : await NowAsync(db, profile, asked, identity.Result == ExplainWord.No ? identity : null, looks, now, question.Reveal, cancellationToken);
            var shown = found.Tried.Count == 0 ? null : found.Tried.FirstOrDefault(tried => found.File is null || tried == found.File.Asked) is { Value: not null } own ? own : (PersonKey?)found.Tried[0];
            return new ExplanationJson(
                true, id, shown is { } named ? (question.Reveal ? named.ToString() : KeyText.Mask(named)) : null, at, question.At is not null,
                HeadlineOf(told), [facts, identity], told, [], question.At is null ? [] : NotKnownOf(then: at, profile));
        });
    }

    /// <summary>Whom a key means.</summary>
    public async Task<PersonLookupJson> LookUpAsync(string key, CancellationToken cancellationToken)
    {
        var found = await transactions.ReadAsync(db => finder.FindAsync(db, key, cancellationToken));
        return new PersonLookupJson(found.ProfileId is not null, found.ProfileId, found.Refusal is { } refusal ? HeadlineOf(refusal) : null, Tried(found));
    }

    private static ExplanationJson NotFound(FoundPerson found, DateTimeOffset at, bool isPast) =>
        new(false, null, null, at, isPast, HeadlineOf(found.Refusal!), [found.Refusal!], [], Tried(found), []);

    private static HeadlineJson HeadlineOf(StepJson refusal) => new(refusal.Result, refusal.Step, refusal.Code, null, $"NOT SENT anywhere: {refusal.Reason}", refusal.Fix);

    private static HeadlineJson HeadlineOf(IReadOnlyList<DestinationExplanationJson> told) =>
        (told.FirstOrDefault(one => one.Headline.Result == ExplainWord.No) ?? told.FirstOrDefault(one => one.Headline.Result == ExplainWord.Waits) ?? (told.Count > 0 ? told[0] : null))?.Headline
        ?? new HeadlineJson(ExplainWord.No, ExplainWord.Audience, "no_audience", null, "NOT SENT anywhere: there is no destination.", "Write a file under destinations.");

    private static IReadOnlyList<TriedKeyJson> Tried(FoundPerson found) => [.. found.Tried.Select(key => new TriedKeyJson(PersonKey.WordOf(key.Kind), key.Value))];

    private static async Task<StepJson> FactsStepAsync(HubDbContext db, long profileId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var facts = await PersonBook.FactsOfAsync(db, await PersonBook.ProfilesOfAsync(db, profileId, cancellationToken), at, FactsShown, cancellationToken);
        return new StepJson(
            ExplainWord.Facts, ExplainWord.Yes,
            facts.Count == 0 ? "the log holds no fact about the person: what is known came by lists, or the facts are older than the log is kept." : string.Create(CultureInfo.InvariantCulture, $"{facts.Count}{(facts.AreMore ? "+ facts count" : facts.Count == 1 ? " fact counts" : " facts count")}."))
        {
            At = facts.Latest.Select(fact => (DateTimeOffset?)fact.OccurredAt).FirstOrDefault(),
            Inputs = [.. facts.Latest.Select(fact => new InputJson(fact.EventType, string.Create(CultureInfo.InvariantCulture, $"position {fact.Position}, of {DestinationExplanation.Time(fact.OccurredAt)}, by {fact.Producer}, event {fact.EventId}")))],
        };
    }

    private static StepJson IdentityStep(PersonFile? file)
    {
        if (file is null)
        {
            return new StepJson(ExplainWord.Identity, ExplainWord.Yes, "the profile stands by itself: no fact has stated a key of it that still is its own.");
        }

        if (file.Unreadable.Count > 0)
        {
            return new StepJson(ExplainWord.Identity, ExplainWord.No, UnreadableRow.Say("identity_decisions", file.Unreadable[0], "verdict, key_a or key_b")) { Code = "identity_unreadable", Fix = "Run the version that wrote it; the runbook unreadable-rows says how." };
        }

        var held = file.Keys.Where(key => key.Stand.State == KeyState.Held).ToList();
        return new StepJson(ExplainWord.Identity, ExplainWord.Yes, $"{(held.Count == 1 ? "one key" : string.Create(CultureInfo.InvariantCulture, $"{held.Count} keys"))}, one person{(file.Stand.Person is { } first ? $" by the {PersonKey.WordOf(first.Kind)}" : "")}.")
        {
            Inputs =
            [
                .. file.Keys.Select(key => new InputJson(KeyText.Mask(key.Key), key.Stand.State.ToString().ToLowerInvariant())),
                .. file.Claims.Select(claim => new InputJson("stated_together", $"{KeyText.Mask(claim.A)} and {KeyText.Mask(claim.B)}, from {Day(claim.FirstDay)} to {Day(claim.LastDay)}")),
                .. file.Decisions.Select(ruling => new InputJson("decided", $"{IdentityDecision.WordOf(ruling.Decision.Verdict)} {DestinationExplanation.Time(ruling.Decision.At)} by {ruling.By}")),
                .. file.Profiles.Where(profile => profile.ShownBy is not null).Select(profile => new InputJson("joined_profile", profile.ProfileId.ToString(CultureInfo.InvariantCulture))),
            ],
        };
    }

    private async Task<IReadOnlyList<DestinationExplanationJson>> NowAsync(
        HubDbContext db, KnownProfile profile, List<Destination> asked, StepJson? before, Dictionary<string, VendorLook> looks, DateTimeOffset now, bool reveal, CancellationToken cancellationToken)
    {
        var id = profile.ProfileId;
        var routes = RoutesOf(asked);
        var audiences = (await PersonBook.AudiencesOfAsync(db, id, routes, cancellationToken)).ToLookup(standing => standing.Destination, StringComparer.Ordinal);
        var remote = (await PersonBook.RemoteOfAsync(db, id, [.. asked.Select(destination => destination.Name)], cancellationToken)).ToDictionary(standing => standing.Destination, StringComparer.Ordinal);
        var last = await PersonBook.LastRunsAsync(db, routes, cancellationToken);
        var findings = await PersonBook.FindingsOfAsync(db, id, [.. last.Select(run => run.RunId)], cancellationToken);
        var refused = profile.ExternalId is { } externalId && !audiences.SelectMany(standings => standings).All(standing => standing.IsMember == true)
            ? await PersonBook.RefusedRowsAsync(db, externalId, [.. routes.Select(route => route.Audience).Distinct()], cancellationToken)
            : [];
        var outcomes = (await DecidedOutcomes.ReadAsync(db, id, asked.Select(destination => destination.Name), OutcomesRead, cancellationToken)).ToLookup(outcome => outcome.Destination, StringComparer.Ordinal);
        var policies = await PolicyVersions.ReadAsync(db, [.. outcomes.SelectMany(group => group).Select(outcome => outcome.Decided?.PolicyId).OfType<int>().Distinct()], cancellationToken);
        var letters = new List<DeadLetterView>();
        foreach (var letter in await PersonBook.LettersOfAsync(db, id, cancellationToken))
        {
            letters.AddRange(await runs.FindDeadLetterAsync(db, letter, cancellationToken) is { } view ? [view] : []);
        }

        var situation = await Situations.ReadAsync(db, now, cancellationToken);
        var told = new List<DestinationExplanationJson>(asked.Count);
        foreach (var destination in asked)
        {
            var pending = await PendingOfAsync(db, destination, profile, remote.GetValueOrDefault(destination.Name), situation, cancellationToken);
            var claim = new[] { ProbeOf(profile) };
            told.Add(DestinationExplanation.Of(
                destination,
                new PersonStanding(profile, [.. audiences[destination.Name]], remote.GetValueOrDefault(destination.Name))
                {
                    Pending = pending,
                    Outcomes = [.. outcomes[destination.Name]],
                    Letters = [.. letters.Where(letter => letter.Destination == destination.Name)],
                    Runs = [.. last.Where(run => run.Destination == destination.Name)],
                    Findings = findings,
                    Refused = [.. refused.Where(row => routes.Any(route => route.Destination == destination.Name && route.Audience == row.Audience))],
                    RunVerdicts = situation.Runs.Where(run => run.Destination == destination.Name).Select(run => (run.RunId, Verdict: Diagnoser.OfRun(run, situation))).Where(run => run.Verdict is not null).ToDictionary(run => run.RunId, run => run.Verdict!),
                    LaneVerdicts = situation.Pending.Where(work => work.Destination == destination.Name).GroupBy(work => work.Lane).Select(lane => (lane.Key, Verdict: Diagnoser.OfBacklog([.. lane], situation))).Where(lane => lane.Verdict is not null)
                        .ToDictionary(lane => lane.Key, lane => lane.Verdict!, StringComparer.Ordinal),
                    KeyHolders = await deliveries.FindKeyHoldersAsync(db, destination, claim, cancellationToken),
                    Ahead = await deliveries.FindIdentityAheadAsync(db, destination, claim, cancellationToken),
                    Look = looks.GetValueOrDefault(destination.Name),
                    Policies = policies,
                    Written = destination.OnceFields.Count == 0 ? new Dictionary<string, WrittenField>() : (await WrittenFields.FindAsync(db, destination.Name, [id], cancellationToken)).Values.ToDictionary(field => field.Field, StringComparer.Ordinal),
                },
                before, now, reveal));
        }

        return told;
    }

    private async Task<IReadOnlyList<PendingDelivery>> PendingOfAsync(HubDbContext db, Destination destination, KnownProfile profile, RemoteStanding? remote, Situation situation, CancellationToken cancellationToken)
    {
        var partitions = options.Value.Partitions;
        var ofRun = PlanDecision.PartitionOf(destination.Rules, destination.KeyOf(profile.ExternalId, profile.Email) ?? remote?.RemoteId, partitions);
        var ofStream = (int)(profile.ProfileId % partitions);
        return await PersonBook.PendingOfAsync(
            db, profile.ProfileId,
            [.. situation.Pending.Where(work => work.Destination == destination.Name).Select(work => (work.RunId, work.Records, Lane.HoldsStream(work.Lane) ? ofStream : ofRun))], cancellationToken);
    }

    /// <summary>What held at a time: facts, and what consent decides by the ledger and the policy as they were.</summary>
    private async Task<IReadOnlyList<DestinationExplanationJson>> PastAsync(HubDbContext db, KnownProfile profile, List<Destination> asked, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var holder = new ConsentHolder(profile.ProfileId, profile.ExternalId, NormalKey.OfEmail(profile.Email), profile.ConsentJson);
        var record = await ConsentBook.ReadAsync(db, holder, [], cancellationToken);
        record = record with { Entries = [.. record.Entries.Where(entry => entry.RecordedAt <= at)] };
        var place = profile.ConsentJson == StoredConsent.Nothing ? default : StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(profile.ConsentJson));
        var states = record.EffectiveAt(null, place);
        var decided = StoredConsent.Read(states);
        var stored = await PersonBook.PolicyAtAsync(db, at, cancellationToken);
        var content = stored is null ? null : PolicyContent.Read(stored.Content);
        var policy = content?.Compile() ?? new ConsentPolicy(configuration.Consent);
        var routes = RoutesOf(asked);
        var audiences = await PersonBook.AudiencesOfAsync(db, profile.ProfileId, routes, cancellationToken);
        var outcomes = (await DecidedOutcomes.ReadAsync(db, profile.ProfileId, asked.Select(destination => destination.Name), OutcomesRead, cancellationToken)).Where(outcome => outcome.At <= at).ToLookup(outcome => outcome.Destination, StringComparer.Ordinal);
        return [.. asked.Select(destination =>
        {
            var decision = policy.Decide(content?.Purposes.GetValueOrDefault(destination.Name) ?? destination.Purposes, states, at);
            var state = decision.Purpose is { } purpose && decided.TryGetValue(purpose, out var found) ? found : (PurposeConsent?)null;
            var consent = new StepJson(ExplainWord.Consent, decision.Allowed ? ExplainWord.Yes : ExplainWord.No, ReasonSentence.OfConsent(decision, state is { } said ? $", decided {DestinationExplanation.Time(said.DecidedAt)} by {said.Source}" : ""))
            {
                Code = decision.Code, At = state?.DecidedAt, Version = stored?.Version,
                Inputs = [.. decided.Select(one => new InputJson(one.Key, $"{one.Value.Status} {DestinationExplanation.Time(one.Value.DecidedAt)} ({one.Value.Source})"))],
            };
            var audience = PastAudience([.. audiences.Where(standing => standing.Destination == destination.Name)], at);
            var last = outcomes[destination.Name].FirstOrDefault();
            var delivery = last is null
                ? new StepJson(ExplainWord.Delivery, ExplainWord.Unknown, "no outcome until then is kept.")
                : new StepJson(ExplainWord.Delivery, last.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged ? ExplainWord.Yes : ExplainWord.No, $"{DestinationExplanation.Time(last.At)}: {ReasonSentence.OfOutcome(last.Outcome, last.Code)}") { Code = last.Code, At = last.At };
            StepJson[] steps = [audience, consent, delivery];
            var first = steps.FirstOrDefault(step => step.Result == ExplainWord.No);
            return new DestinationExplanationJson(
                destination.Name,
                first is null
                    ? new HeadlineJson(ExplainWord.Yes, ExplainWord.Consent, null, destination.Name, $"As of {DestinationExplanation.Time(at)}, {destination.Name}: {consent.Reason}", null)
                    : new HeadlineJson(first.Result, first.Step, first.Code, destination.Name, $"As of {DestinationExplanation.Time(at)}, {destination.Name}: {first.Reason}", null),
                steps, [], [], [], [.. outcomes[destination.Name].Select(outcome => new ExplainedOutcomeJson(outcome.At, outcome.Outcome, outcome.Code, null, outcome.Audience.Length == 0 ? null : outcome.Audience, outcome.RunId, null) { ConfigVersion = outcome.Decided?.ConfigVersion })], []);
        })];
    }

    private static StepJson PastAudience(IReadOnlyList<AudienceStanding> standings, DateTimeOffset at)
    {
        var then = standings.Where(standing => standing.Since <= at).ToList();
        return then.Exists(standing => standing.IsMember == true)
            ? new StepJson(ExplainWord.Audience, ExplainWord.Yes, $"member of {string.Join(", ", then.Where(standing => standing.IsMember == true).Select(standing => standing.Audience))} already then.")
            : then.Count > 0 && then.Count == standings.Count
                ? new StepJson(ExplainWord.Audience, ExplainWord.No, "the person had left the audiences that go there already then.") { Code = StateDecision.NotAMember }
                : new StepJson(ExplainWord.Audience, ExplainWord.Unknown, "memberships changed since, and how they were before is not kept.");
    }

    private static IReadOnlyList<string> NotKnownOf(DateTimeOffset then, KnownProfile profile) =>
    [
        "Who the person is, is told by what was stated and decided until today.",
        "Where the person lives is taken as it is known now.",
        profile.OccurredAt <= then ? "Values are as they were: none was stated anew since." : "Values were stated anew since; what they were then stands in the facts of the log alone, so fields and what would have been sent are not told.",
        "What a destination had then is not kept; outcomes until then are, as long as runs are kept.",
        "Facts that retention took are not counted.",
    ];

    private static List<AudienceRoute> RoutesOf(List<Destination> asked) => [.. asked.SelectMany(destination => destination.Audiences.Select(audience => new AudienceRoute(audience, destination.Name)))];

    /// <summary>The person as a claim would read them: by it the keys are asked for.</summary>
    private static ClaimedDelivery ProbeOf(KnownProfile profile) => new()
    {
        DeliveryId = 0, RunId = Guid.Empty, Audience = "", Operation = Connectors.Abstractions.Operation.UpsertProfile, Attempt = 0, ProfileId = profile.ProfileId, ExternalId = profile.ExternalId, Email = profile.Email,
        AttributesJson = profile.AttributesJson, ConsentJson = profile.ConsentJson, ProfileVersion = profile.Version,
    };

    private static string Day(int day) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day)).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
