using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;

namespace Contracts.Tests.Wire;

/// <summary>One filled sample of every contract; every property has a value that differs from its default.</summary>
internal static class Sample
{
    private static readonly Dictionary<string, string> _texts = new()
    {
        ["Audience"] = "customers",
        ["Destination"] = "braze",
        ["Mode"] = SyncMode.Full,
        ["Lane"] = "bulk",
        ["By"] = "cli",
        ["Email"] = "sample@example.com",
        ["Phone"] = "+1 202 555 0100",
        ["Producer"] = "webshop",
        ["Purpose"] = "email_marketing",
        ["Status"] = "granted",
        ["Currency"] = "EUR",
        ["Outcome"] = "won",
        ["Language"] = "de-AT",
    };

    /// <summary>Everything in the assembly that can travel on its own: sealed records that are not a part of another one.</summary>
    public static IEnumerable<Type> Contracts { get; } = [.. FindContracts()];

    public static object Of(Type contract)
    {
        var sample = RuntimeHelpers.GetUninitializedObject(contract);
        var number = 0;
        foreach (var property in contract.GetProperties().Where(property => property.CanWrite))
            property.SetValue(sample, Value(property, ++number));
        return sample;
    }

    private static object Value(PropertyInfo property, int number)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(string) => Text(property),
            _ when type == typeof(Guid) => new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 2, 3, 4, number, 500, TimeSpan.Zero),
            _ when type == typeof(DateOnly) => new DateOnly(2026, 1, number),
            _ when type == typeof(bool) => true,
            _ when property.Name == "SchemaVersion" => 1,
            _ when type == typeof(int) => number,
            _ when type == typeof(long) => 1_000L + number,
            _ when type == typeof(double) => number + 0.25,
            _ when type == typeof(decimal) => number + 0.25m,
            _ when type == typeof(IReadOnlyDictionary<string, bool>) => new Dictionary<string, bool> { ["braze"] = true },
            _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["email_marketing"] = "granted" },
            _ when type == typeof(IReadOnlyDictionary<string, JsonElement>) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
                """{"first_name":"Zoë","loyalty_points":12.5,"subscriber":true,"birth_date":null}""")!,
            { IsClass: true } when type.Assembly == property.DeclaringType!.Assembly => Of(type),
            _ => throw new NotSupportedException($"{property.DeclaringType!.Name}.{property.Name} is a {type.Name}; give it a sample value here, or a plainer type."),
        };
    }

    private static string Text(PropertyInfo property) =>
        property.Name == "EventType" ? (string)property.DeclaringType!.GetField("Type")!.GetRawConstantValue()!
        : _texts.GetValueOrDefault(property.Name, $"sample {property.Name}");

    private static IEnumerable<Type> FindContracts()
    {
        var records = typeof(StartAudienceSync).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsSealed: true, IsAbstract: false }).ToList();
        return records.Except(records.SelectMany(type => type.GetProperties()).Select(property => property.PropertyType)).OrderBy(type => type.FullName, StringComparer.Ordinal);
    }
}
