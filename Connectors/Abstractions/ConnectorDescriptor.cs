using IntegrationHub.Connectors.Abstractions.Notices;

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a connector is and can do, as data; documentation, validation and conformance are driven by it.</summary>
public sealed record ConnectorDescriptor
{
    /// <summary>Name used in <c>destinations/*.yaml</c>, lower case, for example <c>marketo</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>How an audience looks at the vendor, in a few words, for example <c>static list</c>.</summary>
    public required string AudienceRepresentation { get; init; }

    /// <summary>The vendor field that identifies a person by default; a mapping may choose another of <see cref="IdentityKeys"/>.</summary>
    public required string DefaultIdentityKey { get; init; }

    /// <summary>Fields by which the vendor can find a person. A trailing <c>*</c> admits custom fields by that rule.</summary>
    public required IReadOnlyList<string> IdentityKeys { get; init; }

    /// <summary>True when the vendor compares keys without regard to case. They are sent as the company spells them; of two people whose keys are one to the vendor the hub sends one.</summary>
    public required bool KeysAreCaseInsensitive { get; init; }

    /// <summary>Limits per supported operation. An operation that is not listed is not supported.</summary>
    public required IReadOnlyDictionary<Operation, OperationLimits> Operations { get; init; }

    /// <summary>Batches that may be in flight at one time per destination, over all hub instances; 1 or more.</summary>
    public required int MaxConcurrency { get; init; }

    /// <summary>Documented call budgets, the strictest first; the quota scheduler paces by them.</summary>
    public required IReadOnlyList<RateLimit> RateLimits { get; init; }

    /// <summary>Settings that the connector reads from a destination's file.</summary>
    public required IReadOnlyList<ConnectorSetting> Settings { get; init; }

    /// <summary>Permissions that are needed and that no call proves without changing something at the vendor; a check names them instead of passing them.</summary>
    public IReadOnlyList<string> PermissionsNotProven { get; init; } = [];

    /// <summary>What at the vendor may react to a changed field of a person, in sentences with the vendor's page: a plan says so before anybody is written.</summary>
    public IReadOnlyList<string> Automation { get; init; } = [];

    /// <summary>Where the vendor lists nobody by an opt-out of a topic: what does not come back, and what to do, in a sentence with the vendor's page; null where it tells of them.</summary>
    public string? TopicOptOutsNotTold { get; init; }

    /// <summary>What the vendor does not show of a person when everything is read (<see cref="IWholeReading"/>), in sentences with the vendor's page: nothing is said of it after a look at a canary person.</summary>
    public IReadOnlyList<string> NotShown { get; init; } = [];

    /// <summary>True when a field may be a property of an object (<see cref="FieldAddress.Path"/>): of the object nothing else changes. It cannot be cleared, a value can only follow another one.</summary>
    public bool TakesNestedFields { get; init; }

    /// <summary>True when a field may be an element of a list (<see cref="FieldAddress.Element"/>), which true puts into it and false takes out: of the list nothing else changes. It is read back as true or false.</summary>
    public bool TakesListElements { get; init; }

    /// <summary>What a text begins with, and what stands between its elements, that adds them to those that a field has; null where a text always takes the place of the one before.</summary>
    public char? AddsWith { get; init; }

    /// <summary>How the vendor is told of events of the past; null where the connector takes no events.</summary>
    public QuietEvents? QuietEvents { get; init; }

    /// <summary>What to do about the codes of <see cref="DestinationTrouble.Misconfigured"/>, by reason code; a code without an entry is described in general words.</summary>
    public IReadOnlyDictionary<string, Repair> Repairs { get; init; } = new Dictionary<string, Repair>();

    /// <summary>Of the <see cref="Endpoints"/> those by which the fields of people are written and read: what limits none of them does not hold a backfill up. Empty when nobody says.</summary>
    public IReadOnlyList<VendorEndpoint> ProfileEndpoints { get; init; } = [];

    /// <summary>Of the <see cref="Endpoints"/> those by which members and fields are read back, where the vendor has no limit for all calls: theirs then bounds comparisons. Empty where it has one.</summary>
    public IReadOnlyList<VendorEndpoint> ReadBackEndpoints { get; init; } = [];

    /// <summary>Vendor endpoints in use with their API version and documentation page.</summary>
    public required IReadOnlyList<VendorEndpoint> Endpoints { get; init; }

    /// <summary>Ends of these endpoints that the vendor announced on its pages; empty where none was found when they were last read.</summary>
    public IReadOnlyList<Retirement> Retirements { get; init; } = [];
}

/// <summary>Limits of one operation.</summary>
/// <param name="MaxRecords">Records per batch, 1 or more.</param>
/// <param name="MaxBytes">Bytes of a request body.</param>
/// <param name="RepeatIsHarmless">True when sending a batch twice leaves the vendor as after one time.</param>
public sealed record OperationLimits(int MaxRecords, int MaxBytes, bool RepeatIsHarmless)
{
    /// <summary>Vendor calls that a full batch takes when all goes well; for forecasts.</summary>
    public int CallsPerBatch { get; init; } = 1;
}

/// <summary>A documented call budget, shared by everything that uses the account.</summary>
/// <param name="Name">For example <c>burst</c> or <c>daily</c>; unique within the descriptor.</param>
/// <param name="Calls">Calls per window.</param>
/// <param name="Window">Length of the window.</param>
/// <param name="Scope">What shares the budget, in the vendor's words.</param>
public sealed record RateLimit(string Name, int Calls, TimeSpan Window, string Scope)
{
    /// <summary>How the vendor counts.</summary>
    public RateWindow Kind { get; init; } = RateWindow.Rolling;

    /// <summary>The endpoints that draw on it; empty when all do.</summary>
    public IReadOnlyList<VendorEndpoint> Endpoints { get; init; } = [];

    /// <summary>With <see cref="RateWindow.Day"/>: IANA name of the time zone whose midnight gives the budget back, unless the destination's setting <c>account_time_zone</c> names another.</summary>
    public string ResetZone { get; init; } = "UTC";

    /// <summary>True when a call of this endpoint draws on the budget.</summary>
    public bool Covers(VendorEndpoint endpoint) => Endpoints.Count == 0 || Endpoints.Contains(endpoint);
}

/// <summary>How a vendor counts calls.</summary>
public enum RateWindow
{
    /// <summary>In any stretch of time as long as the window.</summary>
    Rolling,

    /// <summary>In windows of fixed length that start at multiples of it, UTC.</summary>
    Fixed,

    /// <summary>From midnight to midnight; when it is used up, calls are refused and not held back.</summary>
    Day,
}

/// <summary>A setting of a destination.</summary>
/// <param name="Name">Key in the destination's file, snake_case.</param>
/// <param name="Description">What it is for, one line.</param>
/// <param name="Required">True when there is no default.</param>
/// <param name="Secret">True when only a reference to an environment variable or file may stand in the file.</param>
/// <param name="Default">Default value as text, or null.</param>
public sealed record ConnectorSetting(string Name, string Description, bool Required, bool Secret, string? Default = null);

/// <summary>A vendor endpoint in use.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path template.</param>
/// <param name="ApiVersion">Version in the vendor's words.</param>
/// <param name="Documentation">The vendor's page.</param>
public sealed record VendorEndpoint(string Method, string Path, string ApiVersion, Uri Documentation)
{
    /// <summary>True when a call writes people at the vendor: it is made with a <see cref="CallClearance"/> or not at all.</summary>
    public bool WritesPeople { get; init; }
}
