using System.Globalization;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What the hubs themselves make wait: none there, one that died, no broker, other configurations, bells that nobody rang. Pure.</summary>
internal static class HubDiagnoser
{
    /// <summary>Role of a hub that answers the steps of runs.</summary>
    public const string Runs = "runs";

    /// <summary>So many deaths within <see cref="_mourned"/> have a cause, whoever took their place.</summary>
    private const int ManyDeaths = 3;

    /// <summary>A hub that ended without a word is told of for so long, unless another one took its place.</summary>
    private static readonly TimeSpan _mourned = TimeSpan.FromHours(1);

    /// <summary>Hubs change over to another version within seconds; of one that came into force just now nobody knows yet whether they do.</summary>
    private static readonly TimeSpan _changeOver = TimeSpan.FromSeconds(30);

    /// <summary>What concerns no run and no backlog of its own.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation)
    {
        var alive = situation.Hubs.Where(hub => hub.IsAlive).ToList();
        foreach (var hub in alive.Where(hub => hub.Trouble is not null))
        {
            yield return Broker(hub.Name) with { Kind = "hub", Subject = hub.Name, Since = hub.SeenAt, Evidence = [.. Evidence(situation)] };
        }

        var dead = situation.Hubs.Where(hub => !hub.IsAlive && hub.SeenAt > situation.At - _mourned).ToList();
        foreach (var hub in NotReplaced(dead, alive))
        {
            var held = situation.Leases.Count(lease => IsOf(lease, hub));
            yield return new Verdict(
                DiagnosisCode.DeadProcess,
                $"The hub {hub.Name} was last heard of at {hub.SeenAt:u} and did not say that it stops. {(alive.Count == 0 ? "No other hub is there: start one." : "Others go on with its work by themselves; start it again if it was to run.")}")
            { Kind = "hub", Subject = hub.Name, Since = hub.SeenAt, Action = "status", Evidence = [$"{held} partitions still in its name", .. Evidence(situation)] };
        }

        if (dead.Count >= ManyDeaths)
        {
            yield return new Verdict(
                DiagnosisCode.DeadProcess,
                $"{dead.Count} hubs ended without a word in the last hour, the last at {dead.Max(hub => hub.SeenAt):u}. Look at what ends them: memory, a probe that is too strict, errors in their last log lines.")
            { Kind = "hub", Subject = "hubs", Since = dead.Min(hub => hub.SeenAt), Action = "status", Evidence = [.. Evidence(situation)] };
        }

        var (inForce, others) = Parted(alive, situation.Configuration);
        foreach (var hub in others)
        {
            yield return new Verdict(
                DiagnosisCode.ConfigurationBehind,
                $"The hub {hub.Name} runs another configuration ({hub.Configuration}) than the one in force ({inForce[0].Configuration}): it claims and plans nothing until it has changed over, which it does by itself within seconds. If it does not, its log says what keeps it; 'config show' says which version is in force.")
            { Kind = "hub", Subject = hub.Name, Since = inForce.Min(newer => newer.StartedAt), Action = "validate", Evidence = [.. Evidence(situation)] };
        }

        if (situation.Configuration is { } active && active.ActivatedAt <= situation.At - _changeOver && alive.Count > 0 && alive.TrueForAll(hub => hub.ConfigVersion is { } runs && runs != active.Version))
        {
            yield return new Verdict(
                DiagnosisCode.ConfigurationNotRun,
                $"Version {active.Version} of the configuration is in force since {active.ActivatedAt:u}, and none of the hubs that are there runs it: nothing is claimed or planned, and withdrawals of consent wait too. The log of a hub says what keeps it (event 3923), most often a secret that is missing there. Put it there, or go back to a version that ran: 'config history', 'config rollback VERSION'.")
            { Kind = "hub", Subject = "hubs", Since = active.ActivatedAt, Action = "config show", Evidence = [$"applied by {active.ActivatedBy}", .. alive.Select(hub => $"{hub.Name} runs version {hub.ConfigVersion}"), .. Evidence(situation)] };
        }

        foreach (var hub in alive.Where(hub => hub.ConfigPendingSince is not null))
        {
            yield return new Verdict(
                DiagnosisCode.ConfigPending,
                $"The folder of the hub {hub.Name} differs from the version of the configuration that it runs since {hub.ConfigPendingSince:u} or longer, and nobody applied it. Nothing waits for it: 'plan DIR' shows what it would change, 'apply' puts it in force.")
            { Kind = "hub", Subject = hub.Name, Since = hub.ConfigPendingSince, Action = "config show", Evidence = [.. Evidence(situation)] };
        }

        foreach (var bell in situation.Bells.Where(bell => bell.Outcome == JobOutcome.Missed))
        {
            yield return new Verdict(DiagnosisCode.ScheduleMissed, $"The schedule {bell.Schedule} missed its time {bell.DueAt:u}. 'schedules ring {bell.Schedule}' starts its runs now; else they start at its next time.")
            { Kind = "schedule", Subject = bell.Schedule, Since = bell.DueAt, Action = $"schedules ring {bell.Schedule}", Evidence = bell.Detail is null ? [] : [bell.Detail] };
        }
    }

    /// <summary>Why nobody can do some work at all, or null.</summary>
    public static Verdict? WhyNobodyWorks(string role, string destination, Situation situation)
    {
        if (situation.Hubs.Count == 0)
        {
            return null;
        }

        var able = situation.Hubs.Where(hub => hub.IsAlive && hub.Roles.Contains(role)).ToList();
        return able.Count == 0
            ? new Verdict(
                DiagnosisCode.NoConsumer,
                situation.Hubs.Any(hub => hub.IsAlive)
                    ? $"No hub that is there works for {destination}: none of their configurations has it. Put destinations/{destination}.yaml back, or cancel what waits for it, and start the hub again."
                    : "No hub is there. Start one: it goes on by itself from where the last one stopped.")
            { Action = "status" }
            : able.TrueForAll(hub => hub.Trouble is not null) ? Broker(able[0].Name) : null;
    }

    /// <summary>What a hub that died still holds of a lane, or null.</summary>
    public static Verdict? OfLease(string destination, string lane, Situation situation)
    {
        var dead = situation.Hubs.Where(hub => !hub.IsAlive).ToList();
        return situation.Leases.FirstOrDefault(lease => lease.Destination == destination && lease.Lane == lane && dead.Exists(hub => IsOf(lease, hub))) is not { } held
            ? null
            : new Verdict(
                DiagnosisCode.DeadProcess,
                $"A part of the work for {destination} is still in the name of a hub that is not heard of any more; it frees itself at {held.ExpiresAt:u} and another hub goes on with it.")
            { Action = "status", Evidence = [$"partition {held.Partition.ToString(CultureInfo.InvariantCulture)} is held by {held.Owner}"] };
    }

    /// <summary>Who is there.</summary>
    public static IEnumerable<string> Evidence(Situation situation) => situation.Hubs.Count == 0
        ? []
        : [situation.Hubs.Count(hub => hub.IsAlive) is var alive && alive == 1 ? "1 hub alive" : $"{alive} hubs alive"];

    /// <summary>The database, as the hub that does not reach it says of itself.</summary>
    public static Verdict Database(string hub) => new(
        DiagnosisCode.DatabaseUnreachable,
        $"The hub {hub} does not reach its database; nothing is lost, and it goes on by itself when it answers. Look at PostgreSQL, at Hub:ConnectionString and the network between.")
    { Kind = "hub", Subject = hub, Action = "status" };

    /// <summary>Hubs that run the configuration in force, and those that run another one. Where none says that it runs what is in force, whoever started last is taken to.</summary>
    private static (IReadOnlyList<HubSighting> InForce, IReadOnlyList<HubSighting> Others) Parted(IReadOnlyList<HubSighting> alive, ActiveConfiguration? active)
    {
        var running = alive.Where(hub => active is not null && hub.ConfigVersion == active.Version).ToList();
        var hashes = (running.Count > 0 ? running : alive.OrderByDescending(hub => hub.StartedAt).Take(1)).Select(hub => hub.Configuration).ToHashSet(StringComparer.Ordinal);
        var inForce = alive.ToLookup(hub => hashes.Contains(hub.Configuration));
        return ([.. inForce[true]], [.. inForce[false]]);
    }

    /// <summary>Whoever started after a death stands for one who died.</summary>
    private static IEnumerable<HubSighting> NotReplaced(IReadOnlyList<HubSighting> dead, IReadOnlyList<HubSighting> alive)
    {
        var starts = alive.Select(hub => hub.StartedAt).Order().ToList();
        foreach (var hub in dead.OrderBy(hub => hub.SeenAt))
        {
            if (starts.FindIndex(start => start > hub.SeenAt) is >= 0 and var successor)
            {
                starts.RemoveAt(successor);
            }
            else
            {
                yield return hub;
            }
        }
    }

    private static Verdict Broker(string hub) => new(
        DiagnosisCode.BrokerUnreachable, $"The hub {hub} does not reach the broker; nothing is lost, and it goes on by itself when the broker answers. Look at RabbitMQ, at Hub:RabbitMq and the network between.")
    { Action = "status" };

    private static bool IsOf(HeldLease lease, HubSighting hub) => lease.Owner.StartsWith($"{hub.Name}-", StringComparison.Ordinal);
}
