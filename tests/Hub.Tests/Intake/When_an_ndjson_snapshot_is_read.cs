using IntegrationHub.Hub.Intake;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Intake;

public sealed class When_an_ndjson_snapshot_is_read
{
    [TestCase("\n")]
    [TestCase("\r\n")]
    public async Task Should_read_one_object_per_line(string lineBreak)
    {
        var rows = await Snapshots.ReadNdjson(string.Join(
            lineBreak,
            "\uFEFF{\"Id\":\"1\",\"Mail\":\"jon@x.com\",\"Tel\":\"5\",\"Name\":\"J\\u00e9\",\"Shoe\":42}",
            "",
            """{"Name":12.50,"Id":2}""",
            """{"Id":"3","Name":true,"Mail":null,"is_member":false}""",
            """{"Id":"4"}""",
            """{"Id":"5","Name":null,"is_member":1}"""));

        Assert.That(rows, Is.EqualTo(new[]
        {
            Row(1, "1", """{"first_name":"Jé"}""", email: "jon@x.com", phone: "5"),
            Row(3, "2", """{"first_name":12.50}"""),
            Row(4, "3", """{"first_name":true}""", email: "", isMember: false),
            Row(5, "4", "{}"),
            Row(6, "5", """{"first_name":null}"""),
        }));
    }

    [TestCase("{\"Id\":\"1\"", "row", "json_malformed")]
    [TestCase("{\"Id\":\"1\"} {\"Id\":\"2\"}", "row", "json_malformed")]
    [TestCase("canary", "row", "json_malformed")]
    [TestCase("{\"Id\":\"1\",\"Name\":\"\\ud800 canary\"}", "row", "json_malformed")]
    [TestCase("[1]", "row", "json_not_object")]
    [TestCase("{\"Name\":\"canary\"}", "Id", "external_id_missing")]
    [TestCase("{\"Id\":\"1\",\"canary\":1}", "row", "property_unknown")]
    [TestCase("{\"Id\":\"1\",\"Id\":\"2\"}", "Id", "property_duplicate")]
    [TestCase("{\"Id\":\"1\",\"Name\":{\"canary\":1}}", "Name", "value_not_scalar")]
    [TestCase("{\"Id\":\"1\",\"Name\":[\"canary\"]}", "Name", "value_not_scalar")]
    [TestCase("{\"Id\":\"1\",\"Name\":\"a\\u0000b\"}", "Name", "nul_byte")]
    [TestCase("{\"Id\":\"1\",\"Name\":\"a\0b\"}", "row", "nul_byte")]
    [TestCase("{\"Id\":\"1\",\"is_member\":\"perhaps\"}", "is_member", "is_member_malformed")]
    [TestCase("{\"Id\":\"1\",\"is_member\":{}}", "is_member", "value_not_scalar")]
    public async Task Should_reject_a_bad_line_and_go_on(string line, string field, string code)
    {
        var rows = await Snapshots.ReadNdjson("{\"Id\":\"0\"}\n" + line + "\n{\"Id\":\"9\"}\n");

        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(static r => r.Reject is null), Is.EqualTo(new[] { true, false, true }));
            Assert.That((rows[1].Reject!.Line, rows[1].Reject!.Field, rows[1].Reject!.Code), Is.EqualTo((2, field, code)));
            Assert.That(rows[1].Reject!.ToString(), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public async Task Should_reject_what_is_too_long_and_go_on()
    {
        var field = $$"""{"Id":"1","Name":"{{new string('z', 1100)}}"}""";
        var line = $$"""{"Id":"2","Name":"{{new string('z', 20_000)}}"}""";
        var rows = await Snapshots.ReadNdjson($"{field}\n{line}\n{{\"Id\":\"3\"}}\n{line}", chunk: 1000);

        Assert.Multiple(() =>
        {
            Assert.That(
                rows.Select(static r => (r.Reject?.Line, r.Reject?.Field, r.Reject?.Code)),
                Is.EqualTo(new (long?, string?, string?)[] { (1, "Name", "field_too_long"), (2, "row", "line_too_long"), (null, null, null), (4, "row", "line_too_long") }));
            Assert.That(rows[2].Member.Line, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task Should_refuse_an_empty_file() => Assert.That((await Snapshots.ErrorAsync(() => Snapshots.ReadNdjson("\n \n"))).Code, Is.EqualTo("file_empty"));

    [TestCase("12345", "12345")]
    [TestCase("12345.0", "12345")]
    [TestCase("1.2345e4", "12345")]
    [TestCase("1234.5", "1234.5")]
    [TestCase("12345678901234567890", "12345678901234567890")]
    public async Task Should_read_an_id_that_came_as_a_number(string number, string id)
    {
        Assert.That((await Snapshots.ReadNdjson($"{{\"Id\":{number}}}\n"))[0].Member.ExternalId, Is.EqualTo(id));
        Assert.That((await Snapshots.ReadNdjson($"{{\"Id\":{number},\"Name\":[]}}\n"))[0].Reject!.ExternalIds, Is.EqualTo(new[] { id }));
    }

    [TestCase("{\"Id\":\"null\"}")]
    [TestCase("{\"Id\":\"undefined\",\"Name\":[]}")]
    [TestCase("{\"Id\":\"1.2E+20\"}")]
    public async Task Should_name_nobody_by_what_tools_write_in_place_of_an_id(string line) =>
        Assert.That((await Snapshots.ReadNdjson($"{line}\n"))[0].Reject!.ExternalIds, Is.Empty);

    [TestCase("{\"Id\":\"1\",\"Name\":\"cut \\ud83d\"}", "1")]
    [TestCase("{\"Id\":\"1\",\"Name\":", "1")]
    [TestCase("{\"Id\":7,\"Name\":[1]}", "7")]
    [TestCase("{\"Id\":\"1\"}{\"Id\":\"2\"}", "1 2")]
    [TestCase("{\"Id\":\"1\",\"Id\":\"2\"}", "2 1", Description = "said twice: either may be meant")]
    [TestCase("{\"Name\":{\"Id\":\"3\"},\"Id\":\"1\"}", "1")]
    [TestCase("{\"Id\":\"cut \\ud83d\"}", "")]
    [TestCase("{\"Name\":\"a\"}", "")]
    [TestCase("canary", "")]
    public async Task Should_tell_whom_a_rejected_line_names(string line, string ids)
    {
        var rows = await Snapshots.ReadNdjson("{\"Id\":\"0\"}\n" + line + "\n");

        Assert.That(rows[1].Reject!.ExternalIds, Is.EquivalentTo(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    private static SnapshotRow Row(long line, string id, string attributes, string? email = null, string? phone = null, bool isMember = true) =>
        new(new StagedMember(line, id, email, phone, attributes, isMember), null);
}
