using IntegrationHub.Identity;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// The append-only facts and what follows from them: profiles, consents, memberships. Every write happens in the transaction
/// that is open on the given context; the caller commits. Set-based: the cost of a call is a fixed number of round trips.
/// </summary>
public interface ILedger
{
    /// <summary>
    /// Appends facts and applies them. A repeated event id is swallowed in the insert itself; a new one gets its place in the log. A later fact about a subject never
    /// loses to an earlier one, attribute by attribute. Changed members are marked for the delta runs of every destination of
    /// their audiences.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="config">The version of the configuration that says which facts count; null where none does.</param>
    /// <exception cref="Configurations.ConfigurationBehindException">Another version is in force; nothing may be committed.</exception>
    Task<IntakeResult> AppendAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken, long? config = null);

    /// <summary>
    /// Keeps what facts of shadows say of attributes and memberships beside what counts: no profile, membership, key or claim changes, nothing is owed, and nothing stands in the log. What they say
    /// of consent, of deletion and of what somebody did is not looked at.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="listId">The list whose rows they are; null for facts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="config">As for <see cref="AppendAsync"/>.</param>
    /// <exception cref="Configurations.ConfigurationBehindException">Another version is in force; nothing may be committed.</exception>
    Task<ShadowedFacts> ShadowAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, Guid? listId, CancellationToken cancellationToken, long? config = null);

    /// <summary>
    /// Whose state is another one than facts of the log say, all of them that name the people: of every attribute and membership the later statement counts, at the same time what the log says. What
    /// the log does not know, such as what a list stated, stays. Writes nothing.
    /// </summary>
    Task<IReadOnlyList<RestatedPerson>> PreviewAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken);

    /// <summary>
    /// Brings state to what facts of the log say, as <see cref="PreviewAsync"/> tells, in the caller's transaction, and owes what is otherwise by it as any change is: marks for delta runs, live
    /// deliveries. No fact is appended, and no event is owed.
    /// </summary>
    /// <returns>Whose state it changed.</returns>
    Task<IReadOnlyList<RestatedPerson>> RestateAsync(HubDbContext db, IReadOnlyList<LedgerFact> facts, CancellationToken cancellationToken);

    /// <summary>Waits for whoever writes the ledger, and keeps others from it until the open transaction ends. What writes the ledger takes the lock by itself; this is for who wants to know how long the work took without the waiting.</summary>
    Task LockAsync(HubDbContext db, CancellationToken cancellationToken);

    /// <summary>Counts what came in by hour, type and producer, and how it departs from its contracts: see <see cref="FactBook"/>.</summary>
    Task CountAsync(HubDbContext db, IEnumerable<FactVolume> volumes, IEnumerable<Violation> violations, CancellationToken cancellationToken);

    /// <summary>
    /// Asks of statements whether they are known already: a denial when every key that it names stands denied, a grant when anything at all was decided
    /// under one of its keys.
    /// </summary>
    Task<bool[]> AreKnownAsync(HubDbContext db, IReadOnlyList<ConsentQuestion> statements, CancellationToken cancellationToken);

    /// <summary>Tells by which rules keys tell people; called at start. Where they are others than before, people are told anew when something is stated about them.</summary>
    Task UseIdentityRulesAsync(HubDbContext db, CancellationToken cancellationToken);

    /// <summary>
    /// Writes down that grants have ended whose time is over, and owes what follows from it as a withdrawal does. Decisions do not wait for it: they compare times.
    /// </summary>
    /// <returns>How many ended; as many as <paramref name="limit"/> when there may be more.</returns>
    Task<int> ExpireConsentsAsync(HubDbContext db, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Owes what follows from grants of a purpose that have ended by a rule, which moves no profile: destinations are told, and audiences decide about the people anew. Each is told of once for
    /// each life. Decisions do not wait for it: they compare times.
    /// </summary>
    /// <param name="db">The database, in a transaction.</param>
    /// <param name="purpose">The purpose.</param>
    /// <param name="life">Names how long the rule lets a grant hold.</param>
    /// <param name="hasEnded">Whether a grant that was decided then has ended; of a later one not sooner than of an earlier one.</param>
    /// <param name="limit">Grants to look at.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many have ended; as many as <paramref name="limit"/> when there may be more.</returns>
    Task<int> TellEndedGrantsAsync(HubDbContext db, string purpose, string life, Func<DateTimeOffset, bool> hasEnded, int limit, CancellationToken cancellationToken);

    /// <summary>Replaces the table of what destinations know people by; called at start with the configuration.</summary>
    Task RouteIdentityAsync(HubDbContext db, IReadOnlyList<IdentityRoute> routes, int partitions, CancellationToken cancellationToken);

    /// <summary>Replaces the table of which audience goes to which destinations; called at start with the configuration.</summary>
    Task RouteAudiencesAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the table of which purposes a destination keeps consent of; called at start with the configuration. A change of such a
    /// consent owes every destination that knows the person, or is about to, a <c>set_consent</c> in the urgent lane, in the transaction
    /// that takes the fact in.
    /// </summary>
    /// <param name="db">Context.</param>
    /// <param name="routes">The routes.</param>
    /// <param name="partitions">Partitions of a destination's queue.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task RouteConsentsAsync(HubDbContext db, IReadOnlyList<ConsentRoute> routes, int partitions, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the table of which events a destination is told; called at start with the configuration. Such an event owes every
    /// destination that knows the person, or is about to, a <c>track_event</c> in the live lane, in the transaction that takes the fact in.
    /// A route that is gone stays until what is owed by it has left the queue.
    /// </summary>
    /// <param name="db">Context.</param>
    /// <param name="routes">The routes.</param>
    /// <param name="partitions">Partitions of a destination's queue.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task RouteEventsAsync(HubDbContext db, IReadOnlyList<EventRoute> routes, int partitions, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the table of which audiences a destination takes live; called at start with the configuration, in a transaction. Whoever of such an audience
    /// changes, joins or leaves, by a fact and not by a list, is owed to the destination in the live lane, in the transaction that takes the fact in. What is
    /// owed to a destination that is gone from the table is not owed any more.
    /// </summary>
    /// <param name="db">Context.</param>
    /// <param name="routes">The routes.</param>
    /// <param name="partitions">Partitions of a destination's queue.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task RouteLiveAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, int partitions, CancellationToken cancellationToken);
}

/// <summary>A statement of consent that may be known already.</summary>
/// <param name="ExternalId">The company's id as it was given, or null.</param>
/// <param name="Email">The address as it was given, or null.</param>
/// <param name="Purpose">What the consent is for.</param>
/// <param name="Status"><c>granted</c> or <c>denied</c>.</param>
public sealed record ConsentQuestion(string? ExternalId, string? Email, string Purpose, string Status);

/// <summary>What a destination knows people by.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="IdentityKey"><c>external_id</c> or <c>email</c>.</param>
public sealed record IdentityRoute(string Destination, string IdentityKey)
{
    /// <summary>What it is owed when two people turn out to be one: <c>retire</c>, <c>merge</c> or <c>ignore</c>.</summary>
    public string OnMerge { get; init; } = "retire";

    /// <summary>What it is owed when a profile is deleted: <c>retire</c> or <c>delete</c>.</summary>
    public string OnDelete { get; init; } = "retire";

    /// <summary>The kinds of keys that it holds as aliases.</summary>
    public IReadOnlyCollection<string> Aliases { get; init; } = [];
}

/// <summary>A destination that is told of the events of a name.</summary>
public sealed record EventRoute(string Destination, string EventName);

/// <summary>A destination that keeps consent of a purpose.</summary>
public sealed record ConsentRoute(string Destination, string Purpose);

/// <summary>An audience and a destination that it goes to.</summary>
public sealed record AudienceRoute(string Audience, string Destination);

/// <summary>A fact, flattened for the ledger. Holds personal data.</summary>
public sealed record LedgerFact
{
    public required Guid EventId { get; init; }
    public required string EventType { get; init; }
    public int SchemaVersion { get; init; } = 1;
    public string TenantId { get; init; } = "default";

    /// <summary>When it was so, to the microsecond: as finely as every database tells times apart.</summary>
    public required DateTimeOffset OccurredAt { get; init => field = new DateTimeOffset(value.UtcTicks - (value.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero); }

    public required string Producer { get; init; }

    /// <summary>What the rules of this hub's ledger call the producer, where it is called otherwise since; else null.</summary>
    public string? Speaker { get; init; }
    public string? CorrelationId { get; init; }

    /// <summary>Company's id of the subject in its normal form, or null; then <see cref="Email"/> is set.</summary>
    public string? ExternalId { get; init => field = NormalKey.OfId(value); }
    public string? Email { get; init; }
    public string? Phone { get; init; }

    /// <summary>Keys of the subject beside the id and the address, a phone number in E.164.</summary>
    public IReadOnlyList<PersonKey> OtherKeys { get; init; } = [];

    /// <summary>All keys of the subject that are kept.</summary>
    public IReadOnlyList<PersonKey> Keys => [.. KeysOf(ExternalId, Email), .. OtherKeys];

    /// <summary>The keys that an id and an address are.</summary>
    public static PersonKey[] KeysOf(string? externalId, string? email) => [.. new[] { PersonKey.Of(KeyKind.ExternalId, externalId), PersonKey.Of(KeyKind.Email, email) }.OfType<PersonKey>()];

    /// <summary>Flat JSON object of string, number, boolean or null values to merge into the profile, or null.</summary>
    public string? AttributesJson { get; init; }

    /// <summary>Keys of a profile that its producer merged into the subject; empty for none.</summary>
    public IReadOnlyList<PersonKey> MergedKeys { get; init; } = [];

    /// <summary>Decisions to record, empty for none.</summary>
    public IReadOnlyList<FactConsent> Consents { get; init; } = [];

    /// <summary>Membership to record, or null.</summary>
    public FactMembership? Membership { get; init; }

    /// <summary>Name of the event when the fact is something that the person did, else null.</summary>
    public string? EventName { get; init; }

    /// <summary>What the fact states of the profile.</summary>
    internal ProfileStatement Profile => new(Email, Phone, AttributesJson, OccurredAt) { Producer = Speaker ?? Producer };

    /// <summary>The fact as it came in, kept for replay; of an event it is what is sent.</summary>
    public required string BodyJson { get; init; }
}

/// <summary>A consent in a fact. Status is <c>granted</c> or <c>denied</c>.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Status">The decision.</param>
/// <param name="Source">Where it was taken.</param>
/// <param name="DecidedAt">When.</param>
public sealed record FactConsent(string Purpose, string Status, string Source, DateTimeOffset DecidedAt)
{
    /// <summary>Channel that it is for, or null.</summary>
    public string? Channel { get; init; }

    /// <summary>Ground of the decision, or null.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>When a grant ends by itself, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What shows it, a JSON object, or null.</summary>
    public string? EvidenceJson { get; init; }

    /// <summary>True when a denial is about the profile that the fact names first, and not about whoever has one of its addresses.</summary>
    public bool IsOfProfileAlone { get; init; }
}

/// <summary>A membership in a fact.</summary>
public sealed record FactMembership(string Audience, bool IsMember);

/// <summary>What became of the facts of one call.</summary>
/// <param name="Places">Where the new facts stand in the log, by event id.</param>
/// <param name="Duplicates">Facts whose event id was known, or stood in the call before.</param>
public sealed record IntakeResult(IReadOnlyDictionary<Guid, FactPlace> Places, int Duplicates)
{
    /// <summary>
    /// Facts that were not appended because nobody can be told by their keys, by event id: the first keys of those who claim them, none when the keys are blocked. What
    /// they deny holds all the same, for everybody who claims the keys. Personal data.
    /// </summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<PersonKey>> Contested { get; init; } = new Dictionary<Guid, IReadOnlyList<PersonKey>>();

    /// <summary>Facts that were not appended because they name somebody who was erased; nothing of them is kept.</summary>
    public IReadOnlySet<Guid> Erased { get; init; } = new HashSet<Guid>();

    /// <summary>Of facts that were appended, by event id: attributes that are kept from being changed. Everything else of these facts counts.</summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<RefusedAttribute>> Refused { get; init; } = new Dictionary<Guid, IReadOnlyList<RefusedAttribute>>();

    /// <summary>Event ids that were not known.</summary>
    public IEnumerable<Guid> News => Places.Keys;

    /// <summary>New facts.</summary>
    public int Accepted => Places.Count;
}
