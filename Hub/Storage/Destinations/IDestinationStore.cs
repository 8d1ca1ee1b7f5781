namespace IntegrationHub.Storage.Destinations;

/// <summary>
/// What all hub instances share about a destination: its conditions (circuit, throttle) and its audiences at the vendor. A condition stands under the name of
/// what it concerns: a destination, one lane of it, one audience of it; the latter two begin with the destination's name and a slash.
/// </summary>
public interface IDestinationStore
{
    /// <summary>The vendor's side of an audience, or null when it was never resolved.</summary>
    Task<StoredAudience?> FindAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken);

    /// <summary>Remembers the vendor's side of an audience; the first writer wins and its value is returned.</summary>
    Task<StoredAudience> RememberAudienceAsync(HubDbContext db, StoredAudience audience, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Notes that the same vendor's side is now asked for in other words.</summary>
    Task RenameAudienceAsync(HubDbContext db, StoredAudience audience, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets the vendor's side of an audience and who is a member there: all who should be are owed again, by the next run of any mode. Needs a transaction.
    /// </summary>
    /// <returns>Memberships that were forgotten; null when another vendor's side is known by now, and nothing was forgotten.</returns>
    Task<long?> ForgetAudienceAsync(HubDbContext db, string destination, string audience, string remoteRef, CancellationToken cancellationToken);

    /// <summary>The condition of that name, or null when all is well.</summary>
    Task<StoredCondition?> FindConditionAsync(HubDbContext db, string name, CancellationToken cancellationToken);

    /// <summary>The conditions of a destination, its lanes and its audiences.</summary>
    Task<IReadOnlyList<StoredCondition>> ListConditionsAsync(HubDbContext db, string destination, CancellationToken cancellationToken);

    /// <summary>Writes a condition and gives it a new mark; of two, the one that lasts longer is kept. Needs a transaction.</summary>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="report">What was met.</param>
    /// <param name="until">How long to wait, by the number of failures.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The condition as it stands now.</returns>
    Task<StoredCondition> ReportAsync(HubDbContext db, ConditionReport report, Func<int, DateTimeOffset> until, CancellationToken cancellationToken);

    /// <summary>Takes the right to try whether a condition that is over is gone; only one has it.</summary>
    /// <param name="db">The context.</param>
    /// <param name="name">Name of the condition.</param>
    /// <param name="mark">The condition as the caller knows it.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When another may try, if nothing is heard.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task<bool> TryProbeAsync(HubDbContext db, string name, string mark, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Gives the right back: nothing was learned.</summary>
    Task EndProbeAsync(HubDbContext db, string name, string mark, CancellationToken cancellationToken);

    /// <summary>Clears a condition after a success, unless it was reported again since.</summary>
    /// <param name="db">The context.</param>
    /// <param name="name">Name of the condition.</param>
    /// <param name="mark">The condition as it was known before the call that succeeded.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task<bool> ClearAsync(HubDbContext db, string name, string mark, CancellationToken cancellationToken);

    /// <summary>Clears all conditions of a destination, its lanes and its audiences.</summary>
    /// <returns>How many there were.</returns>
    Task<int> ClearAllAsync(HubDbContext db, string destination, CancellationToken cancellationToken);

    /// <summary>Makes deliveries of a destination that are due later due now.</summary>
    /// <returns>How many there were.</returns>
    Task<int> WakeDeliveriesAsync(HubDbContext db, string destination, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>An audience as a destination represents it.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="RemoteRef">The vendor's side: a list id, an attribute name.</param>
/// <param name="Requested">By what the configuration asked for it; null when an earlier version resolved it.</param>
public sealed record StoredAudience(string Destination, string Audience, string RemoteRef, string? Requested);

/// <summary>Why something is not sent.</summary>
/// <param name="Name">What it concerns.</param>
/// <param name="Trouble">snake_case name of the trouble: throttled, unauthorized, misconfigured, unavailable.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Until">Not before this time.</param>
/// <param name="Since">When it began.</param>
/// <param name="Failures">Failures in a row since it was last well; what failed at the same time counts once.</param>
/// <param name="Mark">Changes with every report.</param>
/// <param name="ProbeUntil">While somebody tries whether it is gone: when another may; else null.</param>
public sealed record StoredCondition(
    string Name, string Trouble, string Code, DateTimeOffset Until, DateTimeOffset Since, int Failures, string Mark = "", DateTimeOffset? ProbeUntil = null);

/// <summary>Trouble that a call met.</summary>
/// <param name="Name">What it concerns.</param>
/// <param name="Trouble">snake_case name of the trouble.</param>
/// <param name="Code">Reason code.</param>
/// <param name="At">When.</param>
/// <param name="SeenMark">Mark of the condition that was known before the call began, null when none was: a failure of the same wave does not count again.</param>
public sealed record ConditionReport(string Name, string Trouble, string Code, DateTimeOffset At, string? SeenMark);
