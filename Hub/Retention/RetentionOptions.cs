using System.ComponentModel.DataAnnotations;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Retention;

/// <summary>How long what is over is kept; section <c>Hub:Retention</c>. Every age is at least a day. What holds now (people, consents, members, runs that are open) is not touched.</summary>
internal sealed class RetentionOptions
{
    private const string Shortest = "1.00:00:00";
    private const string Longest = "36500.00:00:00";

    /// <summary>
    /// Facts as they came, of types that <c>facts.yaml</c> gives no class or the standard one. A fact of an earlier time is not taken in: whether it was, nobody
    /// knows any more. On PostgreSQL facts go week by week, when the last of a week is old enough.
    /// </summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Facts { get; set; } = FactRetention.Default.Standard;

    /// <summary>Facts of types of the class <c>short</c>.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan ShortFacts { get; set; } = FactRetention.Default.Short;

    /// <summary>Facts of types of the class <c>long</c>; on PostgreSQL they go month by month.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan LongFacts { get; set; } = FactRetention.Default.Long;

    /// <summary>What destinations were told of events. Without it nobody knows what a vendor has: a repeat of older events may double them there.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan EventReceipts { get; set; } = TimeSpan.FromDays(35);

    /// <summary>When destinations were told of people who may not be sent: so late their feeds of opt-outs may tell it back without being taken for the person's own word.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan ToldDenials { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How vendors' fields were before they changed.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan FieldVersions { get; set; } = TimeSpan.FromDays(400);

    /// <summary>What vendors said of their interfaces beside answers, from when each was last heard; an interface that is called once a quarter is still warned of.</summary>
    [Range(typeof(TimeSpan), "90.00:00:00", Longest)]
    public TimeSpan VendorNotices { get; set; } = TimeSpan.FromDays(120);

    /// <summary>How many changes of people and memberships went live to each destination, minute by minute.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan LiveCounts { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Who decided what about consent and when: the proof of former decisions.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan ConsentHistory { get; set; } = TimeSpan.FromDays(5 * 365);

    /// <summary>Outcomes, read-backs and findings of runs, from a run's end. Afterwards a run shows its state and its counts, but no records.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan RunRecords { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Records that did not arrive.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan DeadLetters { get; set; } = TimeSpan.FromDays(90);

    /// <summary>What people did with dead letters, and what came of it.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan LetterActions { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How many dead letters there were per day and group, of which a week is shown.</summary>
    [Range(typeof(TimeSpan), "8.00:00:00", Longest)]
    public TimeSpan LetterDays { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Rows of lists that could not be read or were repeated; those of an audience's latest list are kept longer.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Rejects { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Facts that were set aside.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Quarantine { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Lists that were uploaded and that no run has applied. Afterwards a run refuses them: upload again.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan AbandonedSnapshots { get; set; } = TimeSpan.FromDays(2);

    /// <summary>That a call of a webhook came. A call that its sender repeats after this time is looked at again; its facts are known then all the same.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan WebhookReceipts { get; set; } = TimeSpan.FromDays(35);

    /// <summary>What a call of a webhook said, after its facts are taken in.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan WebhookBodies { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many facts came in by hour, type and producer: what the catalog counts.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan FactVolumes { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How facts departed from their contracts, from when each kind last happened.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Violations { get; set; } = TimeSpan.FromDays(90);

    /// <summary>What vendors had before backfills wrote: so long a backfill can be rolled back.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan BeforeImages { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What became of bells of schedules.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan JobRuns { get; set; } = TimeSpan.FromDays(90);

    /// <summary>What was settled where, minute by minute: error shares and delays.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan DeliveryMinutes { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Hubs that ended without a word.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Instances { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Alerts that are over.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Alerts { get; set; } = TimeSpan.FromDays(400);

    /// <summary>What was told of alerts, and where.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan AlertSends { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Answers to commands: a repeat with the same <c>Idempotency-Key</c> gets the same one so long.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan IdempotencyKeys { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How well destinations knew the people of audiences, hour by hour: the trend of match rates.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan MatchRates { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How many events destinations were owed: what reconciliations compare receipts with, of the day before.</summary>
    [Range(typeof(TimeSpan), "3.00:00:00", Longest)]
    public TimeSpan EventsOwed { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Trips of canary people, and what destinations showed of them. Canaries travel once a week at least, so the last one is always there.</summary>
    [Range(typeof(TimeSpan), "15.00:00:00", Longest)]
    public TimeSpan CanaryTrips { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// Runs that are over, with their plans and counts. Those that still have records, dead letters or before-images stay until these are gone; what was approved and who commanded it stays in the audit log.
    /// </summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Runs { get; set; } = TimeSpan.FromDays(400);

    /// <summary>That lists were uploaded, and what became of them. An audience's latest one stays, and one that a run or a rejected row still names.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Snapshots { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Most rows that one transaction deletes.</summary>
    [Range(1, 100_000)]
    public int RowsPerStatement { get; set; } = 5_000;

    /// <summary>How long facts are kept, by what is said of their types.</summary>
    public FactRetention OfFacts(IEnumerable<FactTypeConfiguration> types) =>
        new(types.ToDictionary(type => type.Type, type => type.Retention, StringComparer.Ordinal)) { Short = ShortFacts, Standard = Facts, Long = LongFacts };

    /// <summary>How long rows of a class are kept.</summary>
    public TimeSpan AgeOf(RetentionClass rows) => rows switch
    {
        RetentionClass.ShortFacts => ShortFacts,
        RetentionClass.Facts => Facts,
        RetentionClass.LongFacts => LongFacts,
        RetentionClass.EventReceipts => EventReceipts,
        RetentionClass.LiveCounts => LiveCounts,
        RetentionClass.ConsentHistory => ConsentHistory,
        RetentionClass.RunRecords => RunRecords,
        RetentionClass.DeadLetters => DeadLetters,
        RetentionClass.LetterActions => LetterActions,
        RetentionClass.LetterDays => LetterDays,
        RetentionClass.Rejects => Rejects,
        RetentionClass.Quarantine => Quarantine,
        RetentionClass.AbandonedSnapshots => AbandonedSnapshots,
        RetentionClass.WebhookReceipts => WebhookReceipts,
        RetentionClass.BeforeImages => BeforeImages,
        RetentionClass.JobRuns => JobRuns,
        RetentionClass.WebhookBodies => WebhookBodies,
        RetentionClass.FactVolumes => FactVolumes,
        RetentionClass.DeliveryMinutes => DeliveryMinutes,
        RetentionClass.Instances => Instances,
        RetentionClass.Alerts => Alerts,
        RetentionClass.AlertSends => AlertSends,
        RetentionClass.Violations => Violations,
        RetentionClass.MatchRates => MatchRates,
        RetentionClass.EventsOwed => EventsOwed,
        RetentionClass.CanaryTrips => CanaryTrips,
        RetentionClass.ToldDenials => ToldDenials,
        RetentionClass.FieldVersions => FieldVersions,
        RetentionClass.VendorNotices => VendorNotices,
        RetentionClass.IdempotencyKeys => IdempotencyKeys,
        RetentionClass.Runs => Runs,
        RetentionClass.Snapshots => Snapshots,
        _ => throw new ArgumentOutOfRangeException(nameof(rows), rows, "Give the class an age here."),
    };
}
