using System.Collections.Frozen;
using System.Globalization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>The one place that says why something stands still. Facts in, verdicts out; pure.</summary>
internal static class Diagnoser
{
    /// <summary>A destination that was in trouble a moment ago and has not answered since still is; a stalled run may have met what has ended just now.</summary>
    private static readonly (TimeSpan Now, TimeSpan Stalled) _afterglow = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));

    /// <summary>What is due for so long, and nobody holds, nobody answers: hubs ring for it every second.</summary>
    private static readonly TimeSpan _unanswered = TimeSpan.FromSeconds(30);

    private static readonly string[] _atWork = [RunState.Snapshotting, RunState.Planning, RunState.Delivering, RunState.Verifying, RunState.Canceling];

    /// <summary>Everything that stands still, the runs first.</summary>
    public static IReadOnlyList<Verdict> Explain(Situation situation) =>
    [
        .. situation.Runs.Select(run => OfRun(run, situation)).OfType<Verdict>(),
        .. situation.Pending.GroupBy(work => (work.Destination, work.Lane)).Select(lane => OfBacklog([.. lane], situation)).OfType<Verdict>(),
        .. BacklogDiagnoser.Explain(situation),
        .. Awaited.Others(situation),
        .. HubDiagnoser.Explain(situation),
        .. Drifted.Explain(situation),
        .. Unreadable.Explain(situation),
    ];

    /// <summary>Why a run stands still; null when it is over or moves.</summary>
    public static Verdict? OfRun(OpenRun run, Situation situation)
    {
        var pending = situation.Pending.Where(work => work.RunId == run.RunId).ToList();
        return Find(run, situation, pending) is not { } verdict ? null : verdict with
        {
            Kind = run.Kind is OpenRunKind.AudienceSync or OpenRunKind.Reconciliation ? verdict.Kind : run.Kind,
            Subject = run.Subject,
            Destination = run.Destination.Length == 0 ? null : run.Destination,
            Lane = run.Lane.Length == 0 ? null : run.Lane,
            Since = verdict.Since ?? run.StalledSince ?? run.LastProgressAt ?? run.RequestedAt,
            Records = pending.Sum(work => work.Records),
            Evidence = [.. verdict.Evidence, .. HubDiagnoser.Evidence(situation)],
        };
    }

    /// <summary>Why what waits in a lane of a destination is not sent; null when nothing hinders it.</summary>
    /// <param name="lane">All that waits in the lane, from one.</param>
    /// <param name="situation">What is known.</param>
    public static Verdict? OfBacklog(IReadOnlyList<PendingWork> lane, Situation situation)
    {
        var (destination, name, records, oldest) = (lane[0].Destination, lane[0].Lane, lane.Sum(work => work.Records), lane.Min(work => work.Oldest));
        return Find() is not { } verdict ? null : verdict with
        {
            Kind = "backlog",
            Subject = name,
            Destination = destination,
            Lane = name,
            Since = verdict.Since ?? oldest,
            Records = records,
            Evidence = [.. verdict.Evidence, string.Create(CultureInfo.InvariantCulture, $"{records:N0} wait, the oldest since {oldest:u}"), .. HubDiagnoser.Evidence(situation)],
        };

        Verdict? Find() => HubDiagnoser.WhyNobodyWorks(HubSighting.RoleOf(destination), destination, situation)
            ?? (FindCondition(destination, name, null, situation, _afterglow.Now) is { } condition ? Conditioned.Of(destination, condition) : null)
            ?? Unreadable.Of(lane)
            ?? (Failing(lane) ? Poison(lane) : null)
            ?? HubDiagnoser.OfLease(destination, name, situation)
            ?? Retrying(lane, destination)
            ?? (Lane.IsPressing(name) && IsUnanswered(lane, situation) ? Unanswered(destination, name) : null);
    }

    private static Verdict? Find(OpenRun run, Situation situation, List<PendingWork> pending) => run switch
    {
        { Kind: OpenRunKind.Erasure } => ErasureDiagnoser.Of(run, situation),
        { Kind: OpenRunKind.LetterAction } => OfLetters(run, situation, pending),
        { State: RunState.AwaitingApproval } => Awaited.Of(run, situation),
        { State: RunState.Paused, WaitingFor: { } sentence } => new Verdict(DiagnosisCode.Paused, sentence) { Action = Commands.AfterPause(run, sentence) },
        { State: RunState.Verifying, ReadBackAt: { } readAgain, WaitingFor: { } sentence } when readAgain > situation.At - _unanswered => new Verdict(DiagnosisCode.VendorCatchingUp, sentence) { Until = readAgain },
        { State: RunState.Delivering } when situation.ClosedWindows.TryGetValue(run.RunId, out var closed) => new Verdict(DiagnosisCode.WindowClosed, WindowWord.Of(closed.OpensAt, closed.Windows)) { Since = run.LastProgressAt, Until = closed.OpensAt },
        _ when !_atWork.Contains(run.State) => null,
        { State: RunState.Planning } when situation.ReadBackWaits.TryGetValue(run.RunId, out var wait) => wait.IsForFile ? Conditioned.OfMemberFile(run.Destination, wait.Until) : Conditioned.OfReadBackBudget(run.Destination, wait.Until),
        _ => HubDiagnoser.WhyNobodyWorks(run.State == RunState.Delivering ? HubSighting.RoleOf(run.Destination) : HubDiagnoser.Runs, run.Destination, situation)
            ?? (run.State != RunState.Snapshotting && FindCondition(run.Destination, run.Lane, run.Audience, situation, run.StalledSince is null ? _afterglow.Now : _afterglow.Stalled) is { } condition ? Conditioned.Of(run.Destination, condition) : null)
            ?? (run.State is RunState.Delivering or RunState.Canceling && situation.Jobs.FirstOrDefault(job => job.RunId == run.RunId) is { } found ? Conditioned.Of(run.Destination, found, situation.At) : null)
            ?? (run.State == RunState.Delivering ? Unreadable.Of(pending) : null)
            ?? (run.State == RunState.Delivering && Failing(pending) ? Poison(pending) : null)
            ?? (run.State == RunState.Delivering && pending.Count > 0 ? HubDiagnoser.OfLease(run.Destination, run.Lane, situation) : null)
            ?? (run.State == RunState.Delivering ? Retrying(pending, run.Destination) : null)
            ?? (run.StalledSince is null ? null : OfStall(run, pending)),
    };

    /// <summary>Why the letters of an action are not sent: what hinders the lane hinders all of its actions alike. An action that marks its letters needs no destination.</summary>
    private static Verdict? OfLetters(OpenRun run, Situation situation, List<PendingWork> pending) => run.State == LetterActionState.Freezing
        ? HubDiagnoser.WhyNobodyWorks(HubDiagnoser.Runs, run.Destination, situation) ?? LettersDiagnoser.Of(run, situation)
        : LettersDiagnoser.Of(run, situation) ?? HubDiagnoser.WhyNobodyWorks(HubSighting.RoleOf(run.Destination), run.Destination, situation)
            ?? (FindCondition(run.Destination, run.Lane, null, situation, _afterglow.Now) is { } condition ? Conditioned.Of(run.Destination, condition) : null)
            ?? (Failing(pending) ? Poison(pending) : null)
            ?? (pending.Count == 0 ? null : HubDiagnoser.OfLease(run.Destination, run.Lane, situation))
            ?? (pending.Count > 0 && IsUnanswered(pending, situation) ? Unanswered(run.Destination, run.Lane) : null);

    private static Verdict OfStall(OpenRun run, List<PendingWork> pending) => run.State switch
    {
        RunState.Delivering when pending.Count > 0 => new(DiagnosisCode.Retrying, "Records wait for their next attempt; 'reasons' of the run tells which vendor codes they meet, 'deadletters list' who is given up.")
        { Action = Commands.Look(run) },
        RunState.Delivering => new(DiagnosisCode.Unknown, "Nothing is pending; the hub says again that the run is delivered.") { Action = Commands.Look(run) },
        _ => new(DiagnosisCode.Unanswered, $"Hubs are there, and none has answered the step {run.State} yet; the run asks again every two minutes. Look into their logs for errors of this run.")
        { Action = "status" },
    };

    /// <summary>True when everything that waits has failed again and again.</summary>
    private static bool Failing(IReadOnlyList<PendingWork> work) => work.Count > 0 && work.All(one => one.Failing == one.Looked);

    /// <summary>All that is left was tried and is due again later: because a vendor's answer asked this work alone to wait, or because attempts grow apart.</summary>
    private static Verdict? Retrying(IReadOnlyList<PendingWork> work, string destination) => work.Count == 0 || work.Any(one => one.Due > 0) || work.Select(one => one.LastCode).FirstOrDefault(code => code is not null) is not { } code
        ? null
        : Conditioned.OfWorkAlone(destination, code, work.Min(one => one.NextAt)) ?? new Verdict(
            DiagnosisCode.Retrying,
            string.Create(CultureInfo.InvariantCulture, $"The {Left(work)} were tried, and {destination} answered {code}; the next attempt is at {work.Min(one => one.NextAt):u}, and it goes on by itself. The runbook reason-codes says what the code means, 'destinations check {destination}' whether the vendor is well."))
        { Action = $"destinations check {destination}", Since = work.Min(one => one.Oldest), Until = work.Min(one => one.NextAt), Args = new Dictionary<string, string> { ["destination"] = destination, ["code"] = code } };

    private static Verdict Poison(IReadOnlyList<PendingWork> work) => new(
        DiagnosisCode.PoisonRecord,
        string.Create(CultureInfo.InvariantCulture, $"The {Left(work)} have failed {Situations.Failing} times or more{(work[0].WorstCode is { } code ? $", with {code}" : "")}; the next attempt is at {work.Min(one => one.NextAt):u}. Who goes on failing becomes a dead letter by itself and holds nobody up; the runbook reason-codes says what the code means."))
    {
        Action = "deadletters list", Since = work.Min(one => one.Oldest), Until = work.Min(one => one.NextAt),
        Args = work[0].WorstCode is { } worst ? new Dictionary<string, string> { ["code"] = worst } : FrozenDictionary<string, string>.Empty,
    };

    /// <summary>Of a long queue its ends were looked at, and they alone are spoken of.</summary>
    private static string Left(IReadOnlyList<PendingWork> work)
    {
        var (records, looked) = (work.Sum(one => one.Records), work.Sum(one => one.Looked));
        return string.Create(CultureInfo.InvariantCulture, $"{(looked == records ? $"{records:N0}" : $"{looked:N0} that were looked at of the {records:N0}")} records that are left");
    }

    private static bool IsUnanswered(IReadOnlyList<PendingWork> lane, Situation situation) =>
        lane.Sum(work => work.Due) > 0 && lane.Min(work => work.NextAt) < situation.At - _unanswered
        && !situation.Leases.Any(lease => lease.Destination == lane[0].Destination && lease.Lane == lane[0].Lane);

    private static Verdict Unanswered(string destination, string lane) => new(
        DiagnosisCode.Unanswered, $"What waits for {destination} in the lane {lane} is due and no hub has taken it up, though hubs are there; the hub rings for it every second. Look into their logs for errors of {destination}.")
    { Action = "status" };

    /// <summary>What keeps work from a destination: its condition, else that of the lane, else that of the audience. One that is in force comes before one of a moment ago, wherever that was.</summary>
    private static StoredCondition? FindCondition(string destination, string lane, string? audience, Situation situation, TimeSpan afterglow)
    {
        string[] places = [destination, $"{destination}/{lane}", .. audience is null ? Array.Empty<string>() : [$"{destination}/audience:{audience}"]];
        var known = places.Select(place => situation.Conditions.FirstOrDefault(condition => condition.Name == place)).OfType<StoredCondition>().ToList();
        return known.Find(condition => condition.Until > situation.At) ?? known.Find(condition => condition.Until > situation.At - afterglow);
    }
}
