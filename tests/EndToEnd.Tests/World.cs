using System.Text;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>Made-up customers of whom it is known by construction what every destination should hold.</summary>
internal sealed class World(int size)
{
    public static readonly string[] Destinations = ["braze", "hubspot", "marketo"];
    private readonly HashSet<int> _left = [];
    private int _version;

    public int Size => size;

    public IEnumerable<int> Denied => Enumerable.Range(0, size).Where(IsDenied);

    public static string ExternalId(int person) => $"c{person:D6}";

    public static string Email(int person) => IsNotAscii(person) ? $"josé{person}@example.test" : $"person{person}@example.test";

    /// <summary>A few people leave, a few come back, some change.</summary>
    public void Change(Random random)
    {
        _version++;
        for (var i = 0; i < size / 40; i++)
        {
            var person = random.Next(size);
            if (!_left.Remove(person))
            {
                _left.Add(person);
            }
        }
    }

    /// <summary>External ids of the people who should be members at a destination.</summary>
    /// <param name="destination">Where.</param>
    /// <param name="withDenied">True where the ledger knows of no withdrawals.</param>
    public HashSet<string> ExpectedAt(string destination, bool withDenied = false) =>
    [
        .. Enumerable.Range(0, size)
            .Where(person => !_left.Contains(person) && (withDenied || !IsDenied(person)) && !IsBroken(person) && !(destination == "marketo" && IsNotAscii(person)))
            .Select(ExternalId),
    ];

    /// <summary>The snapshot as the shop would write it.</summary>
    public MemoryStream Csv()
    {
        var text = new StringBuilder("CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n");
        for (var person = 0; person < size; person++)
        {
            if (!_left.Contains(person))
            {
                var birth = IsBroken(person) ? "soon" : "04/08/1966";
                var children = (person + (person % 10 == 0 ? _version : 0)) % 6;
                text.Append(ExternalId(person)).Append(",MR.,FIRST,LAST,").Append(birth).Append(",M,M,").Append(Email(person))
                    .Append(",\"$90,000 \",").Append(children).Append(",Bachelors,Professional,Y\n");
            }
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static bool IsDenied(int person) => person % 20 == 7;

    private static bool IsBroken(int person) => person % 50 == 11;

    private static bool IsNotAscii(int person) => person % 40 == 13;
}

/// <summary>What the sandboxes hold, asked from themselves.</summary>
internal static class VendorState
{
    // At Braze every boolean attribute that is true shows up as a membership.
    private const string BrazeAttribute = "audience_customers";
    private static readonly Dictionary<string, string> _keys = new() { ["braze"] = "external_id", ["hubspot"] = "hub_external_id", ["marketo"] = "hubExternalId" };

    /// <summary>External ids of the members of the one audience; fails when a person is there twice.</summary>
    public static async Task<HashSet<string>> MembersAsync(HttpClient sandbox, string vendor)
    {
        var members = new HashSet<string>();
        foreach (var person in await PeopleAsync(sandbox, vendor))
        {
            if (person.GetProperty("memberships").EnumerateArray().Any(membership => vendor != "braze" || membership.GetString() == BrazeAttribute))
            {
                Assert.That(members.Add(ExternalId(person, vendor)), Is.True, $"{vendor} holds a person twice");
            }
        }

        return members;
    }

    /// <summary>External ids of everybody the vendor was ever told of.</summary>
    public static async Task<HashSet<string>> EverybodyAsync(HttpClient sandbox, string vendor) =>
        [.. (await PeopleAsync(sandbox, vendor)).Select(person => ExternalId(person, vendor))];

    /// <summary>Waits until the vendor's own members are exactly the expected ones.</summary>
    public static Task ShouldHoldAsync(HttpClient sandbox, string vendor, HashSet<string> expected) =>
        Poll.Until(async () => (await MembersAsync(sandbox, vendor)).SetEquals(expected), $"{vendor} to hold exactly the expected members");

    /// <summary>What a vendor holds of a person.</summary>
    public static async Task<JsonElement> FieldsAsync(HttpClient sandbox, string vendor, string externalId) =>
        (await PeopleAsync(sandbox, vendor)).Single(person => ExternalId(person, vendor) == externalId).GetProperty("fields");

    private static string ExternalId(JsonElement person, string vendor) =>
        person.GetProperty("keys").TryGetProperty(_keys[vendor], out var key) ? key.GetString()! : person.GetProperty("fields").GetProperty(_keys[vendor]).GetString()!;

    private static async Task<List<JsonElement>> PeopleAsync(HttpClient sandbox, string vendor)
    {
        var lines = await sandbox.GetStringAsync($"/{vendor}/_sandbox/state");
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
