using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>CloudEvents 1.0 in structured mode are the same facts, and what is wrong with them is said in their own words.</summary>
public sealed class When_a_cloud_event_is_read
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    // The shape of the specification's own example, with the data of a fact:
    // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#32-examples
    private const string Event = """
        {"specversion":"1.0","id":"0190a5d2-7c11-7abc-8def-000000000001","source":"urn:integrationhub:default:webshop","type":"integrationhub.consent_updated.v1",
         "dataschema":"urn:integrationhub:schema:consent_updated:v1","time":"2026-11-26T10:00:00Z","datacontenttype":"application/json","tenantid":"default","correlationid":"c-1",
         "data":{"subject":{"external_id":"c-17"},"payload":{"purpose":"email_marketing","status":"denied","source":"preference-center"}}}
        """;

    [Test]
    public void Should_be_the_fact_that_it_carries()
    {
        var fact = Read(Event).Fact!;

        Assert.Multiple(() =>
        {
            Assert.That(fact.EventId, Is.EqualTo(Guid.Parse("0190a5d2-7c11-7abc-8def-000000000001")));
            Assert.That((fact.EventType, fact.Producer, fact.TenantId, fact.CorrelationId), Is.EqualTo(("consent_updated", "webshop", "default", "c-1")));
            Assert.That(fact.OccurredAt, Is.EqualTo(new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero)));
            Assert.That((fact.ExternalId, fact.Consents[0].Status), Is.EqualTo(("c-17", "denied")));
            Assert.That(fact.BodyJson, Does.Contain("\"payload\"").And.Not.Contain("specversion"));
        });
    }

    [Test]
    public void Should_have_one_id_per_source_and_id_where_the_id_is_no_UUID()
    {
        var one = Read(With("id", "7")).Fact!.EventId;

        Assert.That(Read(With("id", "7")).Fact!.EventId, Is.EqualTo(one), "the same event");
        Assert.That(Read(With("id", "8")).Fact!.EventId, Is.Not.EqualTo(one), "another id");
        Assert.That(Read(With("id", "7", "source", "/shop")).Fact!.EventId, Is.Not.EqualTo(one), "another source");
        Assert.That(one.ToString()[14], Is.EqualTo('8'), "a UUID of version 8");
    }

    [TestCase("time", null, "time", "missing")]
    [TestCase("time", "2999-01-01T00:00:00Z", "time", "in_the_future")]
    [TestCase("id", null, "id", "missing")]
    [TestCase("source", null, "source", "missing")]
    [TestCase("type", "com.example.order", "type", "event_type_unknown")]
    [TestCase("type", "integrationhub.consent_updated.v2", "dataschema", "schema_unknown")]
    public void Should_name_the_attribute_that_is_wrong(string attribute, string? value, string path, string code)
    {
        var verdict = Read(With(attribute, value));

        Assert.That((verdict.Quarantined!.Path, verdict.Quarantined.Code), Is.EqualTo((path, code)));
    }

    [Test]
    public void Should_name_the_field_of_its_data_keep_it_as_it_came_and_deny_as_a_precaution()
    {
        var text = Event.Replace("\"denied\"", "\"perhaps\"", StringComparison.Ordinal);

        var verdict = Read(text);

        Assert.Multiple(() =>
        {
            Assert.That(verdict.Quarantined!.Path, Is.EqualTo("data.payload.status"));
            Assert.That(Encoding.UTF8.GetString(verdict.Quarantined.Body.Span), Is.EqualTo(text));
            Assert.That(verdict.Precautions.Select(denial => (denial.ExternalId, denial.Consents[0].Status)), Is.EqualTo(new[] { ("c-17", "denied") }));
        });
    }

    [TestCase("time", "yesterday")]
    [TestCase("type", "integrationhub.consent_updated.v2")]
    [TestCase("type", "com.example.order")]
    [TestCase("id", null)]
    public void Should_deny_as_a_precaution_whatever_else_is_wrong(string attribute, string? value)
    {
        var denial = Read(With(attribute, value)).Precautions.Single().Consents.Single();

        Assert.That(denial.Status, Is.EqualTo("denied"));
    }

    [Test]
    public void Should_be_read_where_its_data_came_as_bytes()
    {
        Assert.That(Read(Packed(Event)).Fact! with { Consents = [] }, Is.EqualTo(Read(Event).Fact! with { Consents = [] }));

        var withdrawal = Read(Packed(Event.Replace("\"payload\":{", "\"payload\":{\"legal_basis\":7,", StringComparison.Ordinal)));
        Assert.That((withdrawal.Quarantined!.Path, withdrawal.Precautions.Single().Consents.Single().Status), Is.EqualTo(("data.payload.legal_basis", "denied")), "it holds until somebody looks");
        Assert.That(Encoding.UTF8.GetString(withdrawal.Quarantined.Body.Span), Does.Contain("c-17"), "whoever looks for a person finds what names them");
    }

    [TestCase("no base64!")]
    [TestCase("bm8ganNvbg==")]
    [TestCase("/w==")]
    [TestCase("IlxkODNkIg==", Description = "half a surrogate pair")]
    [TestCase("eyJhIjoxLCJhIjoyfQ==", Description = "a property twice")]
    public void Should_be_set_aside_when_its_bytes_are_no_fact(string bytes)
    {
        var root = JsonNode.Parse(Event)!.AsObject();
        root.Remove("data");
        root["data_base64"] = bytes;

        Assert.That(Read(root.ToJsonString()).Quarantined, Is.Not.Null);
    }

    [TestCase("{}")]
    [TestCase("""{"data":[1]}""")]
    [TestCase("""{"data":{"subject":7,"payload":[]}}""")]
    [TestCase("""{"id":7,"source":{},"type":[],"time":null,"data":"x"}""")]
    public void Should_set_nonsense_aside(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        root["specversion"] = "1.0";

        Assert.That(Read(root.ToJsonString()).Quarantined, Is.Not.Null);
    }

    [Test]
    public void Should_be_assembled_from_the_headers_of_binary_mode()
    {
        var root = JsonNode.Parse(Event)!.AsObject();
        var data = root["data"]!.ToJsonString();
        root.Remove("data");
        var headers = root.Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value!.GetValue<string>()));

        var fact = FactReading.Read(CloudEventReading.Assemble(headers, Encoding.UTF8.GetBytes(data)), _now, Authorities.Everybody).Fact!;

        Assert.That(fact with { Consents = [], }, Is.EqualTo(Read(Event).Fact! with { Consents = [] }));
        Assert.That(CloudEventReading.Assemble([], "no json"u8.ToArray()).ToArray(), Is.EqualTo("no json"u8.ToArray()));
        var latin = Encoding.Latin1.GetBytes(data.Replace("preference-center", "pr\u00e9f", StringComparison.Ordinal));
        Assert.That(FactReading.Read(CloudEventReading.Assemble(headers, latin), _now, Authorities.Everybody).Quarantined!.Code, Is.EqualTo("not_utf8"), "no letter is replaced by another");
    }

    private static FactVerdict Read(string text) => FactReading.Read(Encoding.UTF8.GetBytes(text), _now, Authorities.Everybody);

    private static string Packed(string text)
    {
        var root = JsonNode.Parse(text)!.AsObject();
        root["data_base64"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(root["data"]!.ToJsonString()));
        root.Remove("data");
        return root.ToJsonString();
    }

    private static string With(params string?[] attributes)
    {
        var root = JsonNode.Parse(Event)!.AsObject();
        if (attributes[0] == "type")
        {
            root.Remove("dataschema");
        }

        for (var i = 0; i < attributes.Length; i += 2)
        {
            root[attributes[i]!] = attributes[i + 1];
        }

        return root.ToJsonString();
    }
}
