using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using MassTransit;
using MassTransit.Serialization;

namespace Contracts.Tests.Wire;

[TestFixtureSource(typeof(Sample), nameof(Sample.Contracts))]
public sealed class When_a_contract_travels(Type contract)
{
    private const string Folder = "tests/Contracts.Tests/Wire/Approved";
    private static readonly JsonSerializerOptions _wire = SystemTextJsonMessageSerializer.Options;

    [Test]
    public void Should_keep_its_name_and_shape() => Approval.Verify($"{Folder}/{contract.Name}.approved.json", Json());

    [Test]
    public void Should_read_what_it_wrote()
    {
        var written = Message();

        var read = written.Deserialize(contract, _wire);

        Assert.That(JsonSerializer.SerializeToNode(read, contract, _wire)!.ToJsonString(), Is.EqualTo(written.ToJsonString()));
    }

    [Test]
    public void Should_read_the_plain_JSON_of_other_producers()
    {
        if (!typeof(ICanonicalEvent).IsAssignableFrom(contract))
            return;
        var plain = JsonSerializer.SerializeToNode(Sample.Of(contract), contract)!;

        var read = plain.Deserialize(contract, _wire);

        Assert.That(JsonSerializer.SerializeToNode(read, contract)!.ToJsonString(), Is.EqualTo(plain.ToJsonString()));
    }

    [Test]
    public void Should_read_a_message_without_its_optional_fields()
    {
        var bare = Message().AsObject();
        foreach (var optional in contract.GetProperties().Where(property => property.CanWrite && !property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute), false)))
            bare.Remove(JsonName(optional));

        Assert.That(() => bare.Deserialize(contract, _wire), Throws.Nothing);
    }

    [Test]
    public void Should_read_a_message_with_a_field_that_a_later_version_added()
    {
        var later = Message().AsObject();
        later["added_later"] = new JsonObject { ["value"] = 1 };

        Assert.That(() => later.Deserialize(contract, _wire), Throws.Nothing);
    }

    [Test]
    public void Should_be_a_public_sealed_record_of_plain_properties()
    {
        Assert.Multiple(() =>
        {
            Assert.That(contract.GetMethod("<Clone>$"), Is.Not.Null, "a record");
            Assert.That(contract.BaseType, Is.EqualTo(typeof(object)), "no inheritance");
            Assert.That(contract.GetProperties().Where(property => property.PropertyType.IsEnum).Select(property => property.Name), Is.Empty, "an unknown value of an enum breaks an old reader");
            Assert.That(contract.GetProperties().Where(property => property.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))).Select(property => property.Name), Is.Empty, "init only");
        });
    }

    [Test]
    public void Should_spell_a_canonical_fact_in_snake_case()
    {
        if (!typeof(ICanonicalEvent).IsAssignableFrom(contract))
            return;
        Assert.That(Names(Message()), Is.All.Match("^[a-z][a-z0-9_]*$"));
    }

    private JsonNode Message() => JsonSerializer.SerializeToNode(Sample.Of(contract), contract, _wire)!;

    private string Json() => new JsonObject { ["urn"] = MessageUrn.ForType(contract).ToString(), ["message"] = Message() }
        .ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string JsonName(System.Reflection.PropertyInfo property) =>
        property.GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonPropertyNameAttribute), false) is [System.Text.Json.Serialization.JsonPropertyNameAttribute named]
            ? named.Name
            : _wire.PropertyNamingPolicy!.ConvertName(property.Name);

    private static IEnumerable<string> Names(JsonNode? node) => node is JsonObject members
        ? members.SelectMany(member => Names(member.Value).Prepend(member.Key))
        : [];
}
