using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

/// <summary>The sandbox's own state at one moment.</summary>
internal sealed class VendorState
{
    private readonly ILookup<string, SandboxPerson> _byKey;

    private VendorState(VendorRoom room)
    {
        (People, Events) = ([.. room.Vendor.People()], [.. room.Vendor.Events()]);
        _byKey = People.SelectMany(person => person.Keys.Values.Distinct().Select(key => (key, person))).ToLookup(pair => pair.key, pair => pair.person);
    }

    public IReadOnlyList<SandboxPerson> People { get; }

    public IReadOnlyList<SandboxBehavior> Events { get; }

    public static VendorState Of(VendorRoom room) => new(room);

    public SandboxPerson? Find(string key) => _byKey[key].FirstOrDefault();

    public int CountOf(string key) => _byKey[key].Count();

    /// <summary>How often the vendor keeps an event, whosever it is.</summary>
    public int CountOf(Guid eventId) => Events.Count(happened => Guid.TryParse(happened.Id, out var id) && id == eventId);

    public bool HasEvent(Guid eventId, string key)
        => Events.Any(happened => Guid.TryParse(happened.Id, out var id) && id == eventId && happened.PersonKeys.Values.Contains(key));

    /// <summary>Everything, one line per person and per event, in an order that does not depend on when they came.</summary>
    public string[] Lines() =>
    [
        .. People.Select(person => $"{Line(person.Keys)} | {Line(person.Fields)} | {string.Join(' ', person.Memberships.Order(StringComparer.Ordinal))} | {Line(person.Consent)}")
            .Concat(Events.Select(happened => $"{happened.Name} {happened.Id} {Line(happened.PersonKeys)}"))
            .Order(StringComparer.Ordinal),
    ];

    private static string Line(IReadOnlyDictionary<string, string> values)
        => string.Join(' ', values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key}={value.Value}"));
}
