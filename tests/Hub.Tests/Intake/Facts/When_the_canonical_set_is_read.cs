using IntegrationHub.Hub.Tests.Consent;
using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Every canonical fact is read as its schema describes it: what the schema refuses is set aside at the very field.</summary>
[TestFixtureSource(typeof(ApprovedFact), nameof(ApprovedFact.Contracts))]
public sealed class When_the_canonical_set_is_read(Type contract)
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_take_in_the_fact_alone_and_in_the_envelope_of_the_bus()
    {
        var alone = Read(ApprovedFact.Of(contract));
        var envelope = Read(new JsonObject { ["messageType"] = new JsonArray($"urn:message:IntegrationHub.Contracts.Events:{contract.Name}"), ["message"] = ApprovedFact.Of(contract) });
        Assert.Multiple(() =>
        {
            Assert.That(alone.Quarantined, Is.Null, alone.Quarantined?.ToString());
            Assert.That(envelope.Quarantined, Is.Null);
            Assert.That((alone.Fact?.EventType, envelope.Fact?.EventType), Is.EqualTo((ApprovedFact.TypeOf(contract), ApprovedFact.TypeOf(contract))));
            Assert.That(alone.Fact?.AttributesJson is not null, Is.EqualTo(contract == typeof(ProfileUpdated)), "what else is said of a person is no attribute of the profile");
        });
    }

    [Test]
    public void Should_set_aside_a_field_of_another_kind() => Assert.Multiple(() =>
    {
        foreach (var (path, _) in Fields())
        {
            Assert.That(PathOf(path, new JsonArray()), Is.EqualTo(path));
        }
    });

    [Test]
    public void Should_set_aside_a_fact_without_what_it_needs() => Assert.Multiple(() =>
    {
        // The version and the type have a default in the envelope of the bus; without one the type is missing.
        foreach (var (path, isRequired) in Fields().Where(field => field.Path is not "schema_version"))
        {
            Assert.That(PathOf(path, null), Is.EqualTo(isRequired ? path : null), path);
        }
    });

    [Test]
    public void Should_set_aside_a_text_that_is_longer_than_its_schema_allows() => Assert.Multiple(() =>
    {
        foreach (var (path, most) in Longest(ApprovedFact.SchemaOf(contract), ""))
        {
            Assert.That(PathOf(path, new string('x', most)), Is.Not.EqualTo(path), $"{path} may have {most} characters");
            Assert.That(PathOf(path, new string('x', most + 1)), Is.EqualTo(path));
        }
    });

    private string? PathOf(string path, JsonNode? value)
    {
        var fact = ApprovedFact.Of(contract);
        var steps = path.Split('.');
        var parent = steps[..^1].Aggregate(fact, (node, step) => node[step]!.AsObject());
        parent.Remove(steps[^1]);
        if (value is not null)
        {
            parent[steps[^1]] = value;
        }

        return Read(fact).Quarantined?.Path;
    }

    /// <summary>Every field of the schema, and whether it has to be there; no schema can say that a membership is of a person who is named, and what an account is known by.</summary>
    private IEnumerable<(string Path, bool IsRequired)> Fields() => Fields(ApprovedFact.SchemaOf(contract), "").Select(field => field with
    {
        IsRequired = field.IsRequired
            || (field.Path == "subject.external_id" && contract == typeof(AudienceMembershipChanged))
            || (field.Path == "subject.account_id" && contract == typeof(AccountUpdated))
            || (field.Path == "payload.currency" && ApprovedFact.Of(contract)["payload"]!["amount"] is not null),
    });

    private static IEnumerable<(string Path, bool IsRequired)> Fields(JsonObject schema, string prefix)
    {
        var required = schema["required"]?.AsArray().Select(name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, inner) in schema["properties"]?.AsObject() ?? [])
        {
            yield return (prefix + name, required.Contains(name));
            foreach (var field in Fields(inner!.AsObject(), $"{prefix}{name}."))
            {
                yield return field;
            }
        }
    }

    private static IEnumerable<(string Path, int Most)> Longest(JsonObject schema, string prefix) =>
        (schema["properties"]?.AsObject() ?? []).SelectMany(property => Longest(property.Value!.AsObject(), $"{prefix}{property.Key}.")
            .Concat(property.Value["maxLength"] is { } most ? [(prefix + property.Key, (int)most)] : []));

    private static FactVerdict Read(JsonNode fact) => FactReading.Read(Encoding.UTF8.GetBytes(fact.ToJsonString()), _now, Authorities.Everybody);
}
