using System.Text;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Intake;

/// <summary>What tools write beside people and in place of values, and files that are no tables.</summary>
public sealed class When_a_file_holds_more_than_people
{
    private const string Header = "Id,Mail,Tel,Name,Shoe\n";

    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 20, 0, 6, 0 }, "[Content_Types].xml", "file_not_text", "an Excel workbook (XLSX)", "save it as CSV")]
    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 20, 0, 6, 0 }, "people.csv", "file_not_text", "a ZIP archive", "Unpack it")]
    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 20, 0, 0, 0 }, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "file_not_text", "an OpenDocument spreadsheet (ODS)", "save it as CSV")]
    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 20, 0, 0, 0 }, "Index/Document.iwa", "file_not_text", "a Numbers spreadsheet", "save it as CSV")]
    [TestCase(new byte[] { 0xEF, 0xBB, 0xBF }, "BEGIN:VCARD\r\nVERSION:3.0\r\n", "file_not_text", "business cards", "Export the list")]
    [TestCase(new byte[0], "-- MySQL dump 10.13\n", "file_not_text", "a dump of a database (SQL)", "Export the list")]
    [TestCase(new byte[0], "INSERT INTO people VALUES (1);\n", "file_not_text", "a dump of a database (SQL)", "Export the list")]
    [TestCase(new byte[] { 0x52, 0x61, 0x72, 0x21, 0x1A, 7, 1 }, "", "file_not_text", "a RAR archive", "Unpack it")]
    [TestCase(new byte[0], "ARROW1\0\0", "file_not_text", "an Arrow file", "Export the list")]
    [TestCase(new byte[0], "ORC\u0001", "file_not_text", "an ORC file", "Export the list", TestName = "{m}(an ORC file)")]
    [TestCase(new byte[] { 0xD0, 0xCF, 0x11, 0xE0 }, "", "file_not_text", "an old Excel workbook", "save it as CSV")]
    [TestCase(new byte[] { 0x1F, 0x8B, 8, 0 }, "", "file_not_text", "gzip", "Unpack it")]
    [TestCase(new byte[] { 0x25, 0x50, 0x44, 0x46 }, "-1.7", "file_not_text", "PDF", "Export the list")]
    [TestCase(new byte[0], "<!DOCTYPE html><html>", "file_not_text", "HTML or XML", "Export the list")]
    [TestCase(new byte[0], "{\\rtf1\\ansi Id,Mail}", "file_not_text", "(RTF)", "Export the list")]
    [TestCase(new byte[0], "{\n  \"people\": [\n", "json_array", "over several lines", "one JSON object per line")]
    [TestCase(new byte[0], "[{\"Id\":\"1\"}]", "json_array", "one JSON array", "one JSON object per line")]
    public async Task Should_say_what_a_file_is_that_cannot_be_read(byte[] begin, string text, string code, string problem, string fix)
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv([.. begin, .. Encoding.UTF8.GetBytes(text)]));

        Assert.Multiple(() =>
        {
            Assert.That((error.Line, error.Code), Is.EqualTo((1, code)));
            Assert.That(error.Problem, Does.Contain(problem));
            Assert.That(error.Fix, Does.Contain(fix));
        });
    }

    [TestCase(",Id,Mail,Tel,Name,Shoe\n0,1,,,a,\n", "Column 1")]
    [TestCase("Id,Mail,,Tel,Name,Shoe\n\n1,,canary,,a,\n", "Column 3")]
    public async Task Should_refuse_a_file_whose_first_row_holds_a_value_without_a_header(string text, string column)
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv(text));

        Assert.That((error.Code, error.Problem, error.Message.Contains("canary", StringComparison.Ordinal)), Is.EqualTo(("header_empty", $"{column} holds a value, but its header is empty. Name it in the header line.", false)));
    }

    /// <summary>Many people share such a text: it is nobody's, and the row may be anybody's.</summary>
    [TestCase("NULL", "external_id_missing")]
    [TestCase("nan", "external_id_missing")]
    [TestCase("#N/A", "external_id_missing")]
    [TestCase(" undefined ", "external_id_missing")]
    [TestCase("[object Object]", "external_id_missing")]
    [TestCase("1.23457E+15", "external_id_rounded")]
    [TestCase("\"1,23457e+15\"", "external_id_rounded")]
    public async Task Should_not_take_what_tools_write_in_place_of_an_id_for_one(string id, string code)
    {
        var rows = await Snapshots.ReadCsv($"{Header}{id},,,a,\n9,,,after,\n");

        Assert.That((rows[0].Reject!.Code, rows[0].Reject!.ExternalIds, rows[1].Member.ExternalId), Is.EqualTo((code, Array.Empty<string>(), "9")));
    }

    [TestCase("#1", Description = "no comment")]
    [TestCase("1E5")]
    [TestCase("nullo")]
    [TestCase("12345.0")]
    [TestCase("0012")]
    [TestCase("-")]
    public async Task Should_keep_ids_that_only_look_odd(string id) => Assert.That((await Snapshots.ReadCsv($"{Header}{id},,,a,\n"))[0].Member.ExternalId, Is.EqualTo(id));

    [Test]
    public async Task Should_take_a_word_for_no_value_as_no_address()
    {
        var member = (await Snapshots.ReadCsv($"{Header}1,NULL,n/a,NULL,\n"))[0].Member;

        Assert.That((member.Email, member.Phone, member.AttributesJson), Is.EqualTo(((string?)null, (string?)null, """{"first_name":"NULL"}""")));
    }

    [Test]
    public async Task Should_keep_a_row_of_nul_bytes_as_a_row_that_was_lost() =>
        Assert.That((await Snapshots.ReadCsv($"{Header}1,,,a,\n\0\0\0\0\n"))[1].Reject, Is.Not.Null);

    [Test]
    public async Task Should_know_a_header_however_its_letters_are_composed()
    {
        var audience = Snapshots.Audience with { Columns = [new SnapshotColumn("Id", ColumnRole.ExternalId, null), new SnapshotColumn("Pr\u00E9nom", ColumnRole.Attribute, "first_name")] };
        Assert.That((await Snapshots.ReadCsv("Id,Pre\u0301nom\n1,Zo\u00E9\n", audience))[0].Member.AttributesJson, Is.EqualTo("{\"first_name\":\"Zo\u00E9\"}"));
        Assert.That((await Snapshots.ReadNdjson("{\"Id\":\"1\",\"Pre\u0301nom\":\"Zo\u00E9\"}\n", audience))[0].Member.AttributesJson, Is.EqualTo("{\"first_name\":\"Zo\u00E9\"}"));
    }

    [Test]
    public async Task Should_say_that_a_header_line_is_in_another_encoding()
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv([.. "Id,Mail,Tel,Name,Sch"u8, 0xFC, .. "he\n1,,,a,\n"u8]));

        Assert.That((error.Code, error.Problem, error.Fix.Contains("UTF-8", StringComparison.Ordinal)), Is.EqualTo(("not_utf8", "The header line is not valid UTF-8.", true)));
    }
}
