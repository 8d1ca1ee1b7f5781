using System.Globalization;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>Somebody who is to be erased. Of every few people one is known by several keys, one shares an address with somebody who stays, one is two who became one, one has keys that only lists state.</summary>
/// <param name="Number">Counts them, from 0.</param>
internal sealed record GonePerson(int Number)
{
    private const int Kinds = 5;

    /// <summary>Known by ids of other systems too.</summary>
    public bool HasManyKeys => Number % Kinds == 1;

    /// <summary>The address is also somebody's who stays: it is nobody's alone, and is kept.</summary>
    public bool SharesAddress => Number % Kinds == 2;

    /// <summary>Two people of lists whom somebody joined.</summary>
    public bool IsMerged => Number % Kinds == 3;

    /// <summary>A phone number and an id of the CRM stand in lists alone.</summary>
    public bool HasListedKeys => Number % Kinds == 4;

    public string Id { get; } = Name(Number, "x");

    /// <summary>The other id of somebody who was two.</summary>
    public string OtherId => Name(Number, "y");

    public string Email => SharesAddress ? SharedEmail : $"{Id}@example.test";

    public string SharedEmail => $"shared{Number.ToString(CultureInfo.InvariantCulture)}@example.test";

    public string Phone => string.Create(CultureInfo.InvariantCulture, $"+43664{7_000_000 + Number}");

    public string CrmId => $"crm-{Id}";

    public string DeviceId => $"device-{Id}";

    /// <summary>What the erasure is asked for by.</summary>
    public string Key => IsMerged ? $"external_id:{OtherId}" : HasManyKeys ? $"email:{Email}" : HasListedKeys ? $"phone:{Phone}" : $"external_id:{Id}";

    /// <summary>Each tells the person from everybody else, wherever it stands.</summary>
    public IReadOnlyList<string> Words => [Id, OtherId, .. HasListedKeys ? new[] { Phone[1..] } : []];

    /// <summary>Rows of a list of the audience.</summary>
    /// <param name="version">Decides an attribute.</param>
    public IEnumerable<string> Rows(int version)
    {
        yield return Row(Id, Email, HasListedKeys ? Phone : "", HasListedKeys ? CrmId : "", version);
        if (IsMerged)
        {
            yield return Row(OtherId, $"{OtherId}@example.test", "", "", version);
        }
    }

    /// <summary>A row of a list of the audience.</summary>
    public static string Row(string id, string email, string phone, string crmId, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"{id},MR.,FIRST,LAST,04/08/1966,M,M,{email},\"$90,000 \",{version % 6},Bachelors,Professional,Y,{phone},{crmId}\n");

    private static string Name(int number, string which) => string.Create(CultureInfo.InvariantCulture, $"gone{number:0000}{which}");
}
