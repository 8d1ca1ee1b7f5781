using System.Text;

namespace IntegrationHub.Benchmarks.Laws;

/// <summary>
/// Facts about people, each of its own moment, as they are and as they arrive: three of ten out of their order, and three of ten a second time. What becomes of them is told
/// by the simplest law there is: the latest counts.
/// </summary>
internal sealed class ShuffledLoad
{
    /// <summary>Who states them.</summary>
    public const string Producer = "order";

    private static readonly string[] _attributes = ["occupation", "education"];
    private readonly Random _random = new(9);

    /// <summary>Makes them.</summary>
    /// <param name="facts">How many.</param>
    /// <param name="people">About how many people.</param>
    /// <param name="from">Moment of the first; the others follow by milliseconds.</param>
    public ShuffledLoad(int facts, int people, DateTimeOffset from)
    {
        var bodies = new List<(string Type, byte[] Body)>(facts);
        for (var i = 0; i < facts; i++)
        {
            bodies.Add(Next(i, $"c{_random.Next(people)}", from.AddMilliseconds(i)));
        }

        Arrivals = Arrive(bodies);
    }

    /// <summary>Type and body of each, in the order in which they arrive.</summary>
    public IReadOnlyList<(string Type, byte[] Body)> Arrivals { get; }

    /// <summary>What an attribute of a person is in the end.</summary>
    public Dictionary<(string Person, string Attribute), string> Attributes { get; } = [];

    /// <summary>What a person decided last.</summary>
    public Dictionary<string, string> Consents { get; } = [];

    /// <summary>Whether a person is a member in the end; who is not named is what the list said.</summary>
    public Dictionary<string, bool> Members { get; } = [];

    /// <summary>Names that facts mention.</summary>
    public HashSet<string> People { get; } = [];

    private (string Type, byte[] Body) Next(int number, string person, DateTimeOffset at)
    {
        People.Add(person);
        var (type, payload) = _random.Next(20) switch
        {
            < 10 => ("profile_updated", $$$"""{"attributes":{{{{Attribute(number, person)}}}}}"""),
            < 15 => ("consent_updated", $$"""{"purpose":"email_marketing","status":"{{Consent(person)}}","source":"preference-center"}"""),
            < 18 => ("audience_membership_changed", $$"""{"audience":"customers","is_member":{{(Member(person) ? "true" : "false")}}}"""),
            _ => ("behavior_tracked", """{"name":"product_viewed","properties":{"product_id":"p-1","price":12.5}}"""),
        };
        return (type, Encoding.UTF8.GetBytes(
            $$"""{"event_id":"{{Guid.CreateVersion7()}}","event_type":"{{type}}","occurred_at":"{{at:O}}","producer":"{{Producer}}","subject":{"external_id":"{{person}}"},"payload":{{payload}}}"""));
    }

    private string Attribute(int number, string person)
    {
        var name = _attributes[_random.Next(_attributes.Length)];
        Attributes[(person, name)] = $"v{number}";
        return $"\"{name}\":\"v{number}\"";
    }

    // Few, so that no guardrail asks whether so many people shall really leave.
    private string Consent(string person) => Consents[person] = _random.Next(100) < 7 ? "denied" : "granted";

    private bool Member(string person) => Members[person] = _random.Next(100) >= 5;

    private List<(string, byte[])> Arrive(List<(string, byte[])> facts)
    {
        var moved = Enumerable.Range(0, facts.Count).Where(_ => _random.Next(10) < 3).ToArray();
        var places = moved.ToArray();
        _random.Shuffle(places);
        var order = Enumerable.Range(0, facts.Count).ToArray();
        for (var i = 0; i < moved.Length; i++)
        {
            order[moved[i]] = places[i];
        }

        var repeats = Enumerable.Range(0, facts.Count).Where(_ => _random.Next(10) < 3).Select(i => (At: _random.NextDouble() * facts.Count, Fact: i)).OrderBy(repeat => repeat.At).ToList();
        var (arrivals, next) = (new List<(string, byte[])>(facts.Count + repeats.Count), 0);
        for (var i = 0; i < facts.Count; i++)
        {
            arrivals.Add(facts[order[i]]);
            for (; next < repeats.Count && repeats[next].At <= i; next++)
            {
                arrivals.Add(facts[repeats[next].Fact]);
            }
        }

        arrivals.AddRange(repeats.Skip(next).Select(repeat => facts[repeat.Fact]));
        return arrivals;
    }
}
