using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Delivery;

/// <summary>How deliveries are worked off; section <c>Hub:Delivery</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>Partitions that the subjects of a destination are spread over. Changing it while deliveries are pending is harmless: each row keeps its partition.</summary>
    [Range(1, 256)]
    public int Partitions { get; set; } = 6;

    /// <summary>Partitions of one destination that one hub instance works on at a time.</summary>
    [Range(1, 64)]
    public int PartitionsAtOnce { get; set; } = 4;

    /// <summary>Most deliveries in one claim; bounds memory and what a lost lease sends again.</summary>
    [Range(1, 10_000)]
    public int ClaimSize { get; set; } = 1_500;

    /// <summary>How long a dead instance's partition stays locked. Renewed at a third of it while work is under way.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan LeaseLength { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one doorbell may keep a partition before others get a turn.</summary>
    public TimeSpan TimeSlice { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts after which a record that keeps failing becomes a dead letter.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Delay before a record's second attempt; doubles per attempt, with jitter.</summary>
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay between two attempts.</summary>
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause after the first failure of a whole destination; doubles per failure in a row, with jitter.</summary>
    public TimeSpan FirstCircuitPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause of a destination between two probes.</summary>
    public TimeSpan LongestCircuitPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a destination that refuses our credentials or requests, which a person has to repair, is tried again.</summary>
    public TimeSpan PauseUntilRepaired { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a consent waits, each time, for a person whom a run is about to make known at the vendor.</summary>
    public TimeSpan AwaitPerson { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an event waits, each time, for a person whom a run is about to make known at the vendor; that costs it no attempt.</summary>
    public TimeSpan AwaitPersonOfEvent { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for vendor calls that are under way, before it ends them.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a change of a person or membership may wait for others, so that they go in one call, where a destination is told live.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LiveLatency { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long what the live lane adds and removes by itself is counted against an audience's guardrail, from the first on. What is beyond waits for a person.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LiveGuardrailWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Changes of memberships within a window that need nobody's word, however small the audience.</summary>
    [Range(0, 1_000_000)]
    public int LiveGuardrailFrom { get; set; } = 20;

    /// <summary>How often the sweeper looks for work whose doorbell was lost.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether this hub sends what is owed. False while a restored database is made whole: everything else is done, vendors are read and erased people deleted there, and what is owed waits.
    /// </summary>
    public bool Sends { get; set; } = true;

    /// <summary>Whether large amounts go through the vendors' own jobs where a connector can do that.</summary>
    public bool Bulk { get; set; } = true;

    /// <summary>
    /// How long a vendor may work on a job, or on a file of members. What a job has not told of by then is sent as usual, which is harmless: jobs add and update. Should it end later, whoever
    /// changed meanwhile is owed anew.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LongestVendorJob { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether vendor calls keep to the vendors' quotas. False only where nobody counts: a sandbox without quotas, a benchmark.
    /// </summary>
    public bool Quotas { get; set; } = true;

    /// <summary>Factor on the vendors' documented quotas; only for sandboxes whose quotas are scaled by the same factor.</summary>
    [Range(0.001, 1_000_000)]
    public double QuotaScale { get; set; } = 1;
}
