using System.Text;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Intake;

public sealed class When_a_csv_snapshot_is_read
{
    private const string Header = "Id,Mail,Tel,Name,Shoe\n";

    [TestCase("")]
    [TestCase("\uFEFF")]
    public async Task Should_read_rows_with_and_without_byte_order_mark(string mark)
    {
        var rows = await Snapshots.ReadCsv($"{mark}{Header}11000,jon@x.com,238-555-0100,JON,42\r\n11001,,,,\r\n");

        Assert.That(rows, Is.EqualTo(new[]
        {
            new SnapshotRow(new StagedMember(2, "11000", "jon@x.com", "238-555-0100", """{"first_name":"JON"}""", true), null),
            new SnapshotRow(new StagedMember(3, "11001", "", "", """{"first_name":null}""", true), null),
        }));
    }

    [Test]
    public async Task Should_take_columns_in_any_order()
    {
        var rows = await Snapshots.ReadCsv("Shoe,Name,Tel,Mail,\"Id\"\n42,JON,1,jon@x.com,11000");

        Assert.That(rows.Single().Member, Is.EqualTo(new StagedMember(2, "11000", "jon@x.com", "1", """{"first_name":"JON"}""", true)));
    }

    [Test]
    public async Task Should_read_quoted_fields()
    {
        var rows = await Snapshots.ReadCsv(Header + "1,,,\"$90,000 \",\n2,,,\"say \"\"hi\"\"\nthere\",\n3,,,x,\n");

        Assert.Multiple(() =>
        {
            Assert.That(rows[0].Member.AttributesJson, Is.EqualTo("""{"first_name":"$90,000 "}"""));
            Assert.That(rows[1].Member.AttributesJson, Is.EqualTo("""{"first_name":"say \"hi\"\nthere"}"""));
            Assert.That(rows.Select(static r => r.Member.Line), Is.EqualTo(new[] { 2, 3, 5 }));
        });
    }

    [Test]
    public async Task Should_read_quotes_behind_blanks_where_the_header_line_has_them()
    {
        var rows = await Snapshots.ReadCsv("\"Mail\", \"Id\", \"Tel\",\t\"Name\", \"Shoe\"\n\"jon@x.com\", \"11000\", \"\", \"say \"\"hi\"\"\", \n\"a@x.com\", 11001, , \"\",\n");

        Assert.That(rows.Select(static row => row.Member), Is.EqualTo(new[]
        {
            new StagedMember(2, "11000", "jon@x.com", "", """{"first_name":"say \"hi\""}""", true),
            new StagedMember(3, "11001", "a@x.com", "", """{"first_name":null}""", true),
        }));
        Assert.That((await Snapshots.ReadCsv(Header + "1,,, \"JON\",\n")).Single().Member.AttributesJson, Is.EqualTo("""{"first_name":" \"JON\""}"""), "elsewhere they are text");
    }

    [Test]
    public async Task Should_keep_letters_beyond_ascii()
    {
        var rows = await Snapshots.ReadCsv(Header + "1,andrés@x.com,,MUÑOZ 山,\n");

        Assert.Multiple(() =>
        {
            Assert.That(rows[0].Member.Email, Is.EqualTo("andrés@x.com"));
            Assert.That(rows[0].Member.AttributesJson, Is.EqualTo("""{"first_name":"MUÑOZ 山"}"""));
        });
    }

    [Test]
    public async Task Should_skip_blank_lines() =>
        Assert.That((await Snapshots.ReadCsv(Header + "\n1,,,a,\n\n\n2,,,b,\n\n")).Select(static r => (r.Member.Line, r.Member.ExternalId)), Is.EqualTo(new[] { (3L, "1"), (6L, "2") }));

    [TestCase("1", true)]
    [TestCase("true", true)]
    [TestCase("", true)]
    [TestCase("FALSE", false)]
    [TestCase("0", false)]
    [TestCase("no", false)]
    public async Task Should_read_memberships_of_a_delta(string word, bool expected) =>
        Assert.That((await Snapshots.ReadCsv($"Id,Mail,Tel,Name,Shoe,is_member\n1,,,a,,{word}\n"))[0].Member.IsMember, Is.EqualTo(expected));

    [TestCase("1,,,a", "Shoe", "column_count")]
    [TestCase("1", "Mail", "column_count")]
    [TestCase("1,,,a,,x", "row", "column_count")]
    [TestCase(",,,a,", "Id", "external_id_missing")]
    [TestCase("\\N,,,a,", "Id", "external_id_missing")]
    [TestCase("Total:,,,17,", "Id", "totals_row")]
    [TestCase("  ,,,a,", "Id", "external_id_missing")]
    [TestCase("1,,,ca\0nary,", "Name", "nul_byte")]
    [TestCase("1\0,,,,", "Id", "nul_byte")]
    [TestCase("1,,,\"ca\"nary,", "row", "quote_malformed")]
    public async Task Should_reject_a_bad_row_and_go_on(string row, string field, string code)
    {
        var rows = await Snapshots.ReadCsv($"{Header}0,,,before,\n{row}\n9,,,after,\n");

        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(static r => r.Reject is null), Is.EqualTo(new[] { true, false, true }));
            Assert.That((rows[1].Reject!.Line, rows[1].Reject!.Field, rows[1].Reject!.Code), Is.EqualTo((3, field, code)));
            Assert.That(rows[1].Reject!.Problem, Is.Not.Empty.And.Not.Contains("canary"));
            Assert.That(rows[2].Member.ExternalId, Is.EqualTo("9"));
        });
    }

    [Test]
    public async Task Should_reject_a_membership_that_says_neither_yes_nor_no()
    {
        var rows = await Snapshots.ReadCsv("Id,Mail,Tel,Name,Shoe,is_member\n1,,,a,,perhaps\n");

        Assert.That((rows[0].Reject!.Field, rows[0].Reject!.Code), Is.EqualTo(("is_member", "is_member_malformed")));
    }

    [Test]
    public async Task Should_reject_keys_that_no_index_could_hold()
    {
        var rows = await Snapshots.ReadCsv($"{Header}{new string('1', 257)},,,a,\n1,{new string('a', 321)},,a,\n1,,{new string('5', 65)},a,\n");

        Assert.That(
            rows.Select(static r => (r.Reject!.Field, r.Reject!.Code)),
            Is.EqualTo(new[] { ("Id", "key_too_long"), ("Mail", "key_too_long"), ("Tel", "key_too_long") }));
    }

    [Test]
    public async Task Should_reject_a_row_that_is_not_utf8()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Header + "1,,,JOS"), 0xC9, .. Encoding.UTF8.GetBytes(",\n2,,,x,\n")];
        var rows = await Snapshots.ReadCsv(bytes);

        Assert.Multiple(() =>
        {
            Assert.That((rows[0].Reject!.Line, rows[0].Reject!.Code), Is.EqualTo((2, "not_utf8")));
            Assert.That(rows[1].Reject, Is.Null);
        });
    }

    [TestCase("Id,Mail,Tel,Nmae,Shoe\n", "Nmae", "header_unknown", "Did you mean Name?")]
    [TestCase("Id,Mail,Tel,Name,Shoe,Hat\n", "Hat", "header_unknown", "Column 6")]
    [TestCase("Id;Mail;Tel;Name;Shoe;Hat\n", "Hat", "header_unknown", "Column 6")]
    [TestCase("\"Id,Mail,Tel,Name,Shoe\"\n", null, "header_in_quotes", "Save the file as CSV anew")]
    [TestCase("'Id','Mail','Tel','Name','Shoe'\n", null, "header_in_quotes", "double quotes or none")]
    [TestCase("Id\u0001Mail\u0001Tel\u0001Name\u0001Shoe\n", null, "header_in_quotes", "comma, semicolon, tab or pipe", TestName = "{m}(a control character between the columns)")]
    [TestCase("Id:Mail:Tel:Name:Shoe\n", null, "header_in_quotes", "comma, semicolon, tab or pipe")]
    [TestCase("ID,mail,TEL,NAME,SHOE\n", null, "header_line_missing", "some come near")]
    [TestCase("Id,Mail,Tel,Name\n", "Shoe", "header_missing", "Shoe")]
    [TestCase("Mail,Tel,Name\n", "Id", "header_missing", "Id,Shoe")]
    [TestCase("Id,Mail,Tel,Name,Name,Shoe\n", "Name", "header_duplicate", "twice")]
    [TestCase("1,canary@x.com,1,a,2\n", null, "header_line_missing", "it may be a row")]
    [TestCase("Customers of March\n\nId,Mail,Tel,Name,Shoe\n1,,,a,\n", null, "header_line_missing", "Line 3 looks like the header line")]
    [TestCase("+----+------+\n| Id | Mail | Tel | Name | Shoe |\n", null, "header_line_missing", "Line 2 looks like the header line")]
    public async Task Should_refuse_wrong_headers(string text, string? field, string code, string message)
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv(text));

        Assert.Multiple(() =>
        {
            Assert.That((error.File, error.Line, error.Field, error.Code), Is.EqualTo(("people.csv", 1, field, code)));
            Assert.That(error.Message, Does.StartWith("people.csv:1").And.Contains(message).And.Contains("Expected are: Id,Mail,Tel,Name,Shoe.").And.Not.Contains("canary"));
        });
    }

    [TestCase("")]
    [TestCase("\uFEFF")]
    [TestCase("\n\n")]
    public async Task Should_refuse_an_empty_file(string text)
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv(text));

        Assert.That((error.Line, error.Code, error.Fix), Is.EqualTo((1, "file_empty", "Write a header line: Id,Mail,Tel,Name,Shoe.")));
    }

    [Test]
    public async Task Should_read_a_file_without_rows() => Assert.That(await Snapshots.ReadCsv(Header), Is.Empty);

    [TestCase("1,,,{0},\n", "Name")]
    [TestCase("1,,,\"{0}\",\n", "Name")]
    [TestCase("1,,,\"a\n{0}\",\n", "Name")]
    [TestCase("1,,,\"a\"\"b{0}\",\n", "Name")]
    [TestCase("{0},,,a,\n", "Id")]
    public async Task Should_reject_a_field_that_is_too_long_and_go_on(string row, string field)
    {
        var rows = await Snapshots.ReadCsv($"{Header}0,,,x,\n{row.Replace("{0}", new string('z', 1100), StringComparison.Ordinal)}9,,,after,\n", chunk: 50);

        Assert.Multiple(() =>
        {
            Assert.That((rows[1].Reject!.Line, rows[1].Reject!.Field, rows[1].Reject!.Code), Is.EqualTo((3, field, "field_too_long")));
            Assert.That(rows[2].Member.ExternalId, Is.EqualTo("9"));
        });
    }

    [Test]
    public async Task Should_take_a_field_of_exactly_the_limit()
    {
        var rows = await Snapshots.ReadCsv($"{Header}1,,,{new string('z', 1024)},\n");

        Assert.That(rows[0].Reject, Is.Null);
    }

    [Test]
    public async Task Should_not_let_a_row_of_ten_megabytes_fill_the_memory()
    {
        var bytes = new byte[10_000_000];
        bytes.AsSpan().Fill((byte)'z');
        Encoding.UTF8.GetBytes(Header + "0,,,\"a\nb\",\n1,,,\"").CopyTo(bytes, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv(bytes, SnapshotReader.DefaultMaxFieldBytes, 64 * 1024));

        Assert.Multiple(() =>
        {
            Assert.That((error.Line, error.Code), Is.EqualTo((4, "row_too_long")));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4_000_000));
        });
    }

    [TestCase("1,,,\"abc,\n2,,,x,\n3,,,\"y\",\n", Description = "the next quote closes it a row too late")]
    [TestCase("1,,,\"abc,\n2,,,x,\n", Description = "nothing closes it")]
    public async Task Should_refuse_a_file_whose_rows_a_quote_has_joined(string rows)
    {
        var error = await Snapshots.ErrorAsync(() => Snapshots.ReadCsv(Header + rows));

        Assert.That((error.Line, error.Code), Is.EqualTo((2, "quote_unclosed")));
    }

    [Test]
    public async Task Should_stop_when_it_is_canceled() =>
        await Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in new SnapshotReader(Snapshots.Audience).ReadAsync(
                new MemoryStream(Encoding.UTF8.GetBytes(Header)), SnapshotFormat.Csv, "people.csv", new CancellationToken(canceled: true)))
            {
                Assert.Fail("A row was read.");
            }
        });

    [TestCase("Id;Mail;Tel;Name;Shoe\n1;a@x.com;;Kai;\n2;;;\"a;b\";\n", 2, Description = "semicolons")]
    [TestCase("Id|Mail|Tel|Name|Shoe\n1|a@x.com||Kai|\n2||||\n", 2, Description = "pipes")]
    [TestCase("Id\tMail\tTel\tName\tShoe\r\n1\ta@x.com\t\tKai\t\r\n2\t\t\t\t\r\n", 2, Description = "tabs")]
    [TestCase("sep=;\r\nId;Mail;Tel;Name;Shoe\r\n1;a@x.com;;Kai;\r\n2;;;;\r\n", 3, Description = "a spreadsheet's mark")]
    [TestCase("sep=^\nId^Mail^Tel^Name^Shoe\n1^a@x.com^^Kai^\n2^^^^\n", 3, Description = "a mark with a rare separator")]
    [TestCase("\"sep=,\",,,,\nId,Mail,Tel,Name,Shoe\n1,a@x.com,,Kai,\n2,,,,\n", 3, Description = "a mark that was saved again")]
    [TestCase("\uFEFF\"Id\",\"Mail\",\"Tel\",\"Name\",\"Shoe\"\n\"1\",\"a@x.com\",\"\",\"Kai\",\"\"\n\"2\",,,,\n", 2, Description = "quotes and a mark")]
    [TestCase("\uFEFF\uFEFFId,Mail,Tel,Name,Shoe\n1,a@x.com,,Kai,\n2,,,,\n", 2, Description = "two byte order marks")]
    [TestCase("Id,Mail,Tel,Name,Shoe\r1,a@x.com,,Kai,\r2,,,,", 2, Description = "carriage returns alone")]
    [TestCase("Id,Mail,Tel,Name,Shoe,\n1,a@x.com,,Kai,,\n2,,,,,\n", 2, Description = "an empty header at the end")]
    [TestCase("Id,Mail,Tel,Name,Shoe,,,\n1,a@x.com,,Kai,,,,\n2,,,,,,,\n", 2, Description = "several")]
    [TestCase("Id,Mail,Tel,Name,Shoe\n1,a@x.com,,Kai,,\n2,,,,,\n", 2, Description = "a separator at the end of rows alone")]
    [TestCase("Id , Mail,Tel\u00A0,Name, Shoe\n1,a@x.com,,Kai,\n2,,,,\n", 2, Description = "blanks around headers")]
    [TestCase("# exported 2026-11-26\n#\nId,Mail,Tel,Name,Shoe\n1,a@x.com,,Kai,\n2,,,,\n", 4, Description = "lines of comments")]
    [TestCase("\uFEFF# by the CRM, at noon\r\n\r\nId;Mail;Tel;Name;Shoe\r\n1;a@x.com;;Kai;\r\n2;;;;\r\n", 4, Description = "a comment with commas before semicolons")]
    [TestCase("Id\tMail\tTel\tName\tShoe\n1\ta@x.com\t\\N\tKai\t\\N\n2\t\\N\t\\N\t\\N\t\n", 2, Description = "a database's word for no value")]
    [TestCase("\n\nId,Mail,Tel,Name,Shoe\n,,,,\n1,a@x.com,,Kai,\n ,, ,,\n\n2,,,,\n,,,,\n", 5, Description = "blank lines and rows without a value")]
    [TestCase("Id,Mail,Tel,Name,Shoe\r\n1,a@x.com,,Kai,\r\n2,,,,\r\n\u001A", 2, TestName = "{m}(the mark of the end of an old system)")]
    [TestCase("Id,Mail,Tel,Name,Shoe\n1,a@x.com,,Kai,\n\uFEFFId,Mail,Tel,Name,Shoe\n2,,,,\n", 2, Description = "files that were put together")]
    [TestCase("| Id | Mail | Tel | Name | Shoe |\n|----|:----:|-----|------|------|\n|1| a@x.com | |Kai| |\n|2| | | | |\n", 3, Description = "a table as people draw it")]
    [TestCase(" Id | Mail | Tel | Name | Shoe\n----+------+-----+------+------\n 1 | a@x.com | |Kai|\n 2 | | | |\n", 3, Description = "a table as a database draws it")]
    [TestCase(" Id | Mail | Tel | Name | Shoe\n----+------+-----+------+------\n 1 | a@x.com | |Kai|\n 2 | | | |\n(2 rows)\n\n", 3, Description = "and says below how many rows there are")]
    [TestCase("Name,Mail,Tel,Id,Shoe\nKai,a@x.com,,1,\n,,,2,\n\n(2 rows affected)\n", 2, Description = "the same by another database")]
    [TestCase("Id,Mail,Tel,Name,Shoe\n1,Kai <a@x.com>,,Kai,\n2,,,,\n", 2, Description = "an address with its name")]
    [TestCase("Id||Mail||Tel||Name||Shoe\n1||a@x.com||||Kai||\n2||||||||\n", 2, Description = "a separator of two letters")]
    [TestCase("Id,Mail,Tel,Name,Shoe\n=\"1\",=\"a@x.com\",,Kai,\n\"=\"\"2\"\"\",,,,\n", 2, Description = "formulas that keep zeros in front")]
    [TestCase("\"Id\";\"Mail\";\"Tel\";\"Name\";\"Shoe\"\r\n\"1\";\"a@x.com\";\"\";\"Kai\";\"\"\r\n\"2\";;;;\r\n", 2, Description = "quotes and semicolons")]
    [TestCase("Id, Mail, Tel, Name, Shoe\n1, a@x.com, ,Kai, \n2,,,,\n", 2, Description = "a blank after every separator")]
    [TestCase("sep=\t\nId\tMail\tTel\tName\tShoe\n1\ta@x.com\t\tKai\t\n2\t\t\t\t\n", 3, Description = "a mark for tabs")]
    [TestCase("SEP=|\r\nId|Mail|Tel|Name|Shoe\r\n1|a@x.com||Kai|\r\n2||||\r\n", 3, Description = "a mark in capitals")]
    public async Task Should_read_files_as_people_export_them(string text, int line)
    {
        var rows = await Snapshots.ReadCsv(text);

        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(static r => (r.Reject?.Code, r.Member.ExternalId)), Is.EqualTo(new[] { ((string?)null, "1"), (null, "2") }));
            Assert.That((rows[0].Member.Line, rows[0].Member.Email, rows[0].Member.AttributesJson), Is.EqualTo((line, "a@x.com", """{"first_name":"Kai"}""")));
        });
    }

    [TestCase("'@kai,,,a,", "@kai")]
    [TestCase("'-1,,,a,", "-1")]
    [TestCase("\"'=1\",,,a,", "=1")]
    [TestCase("'1,,,a,", "'1", Description = "no formula begins so")]
    [TestCase("o'+1,,,a,", "o'+1")]
    public async Task Should_take_away_what_exports_put_before_a_formula(string row, string id)
    {
        Assert.That((await Snapshots.ReadCsv($"{Header}{row}\n")).Single().Member.ExternalId, Is.EqualTo(id));
        Assert.That((await Snapshots.ReadCsv($"{Header}{row}b,c\n")).Single().Reject!.ExternalIds, Is.EqualTo(new[] { id }), "whom a row of too many columns may be about");
    }

    [TestCase("utf-16", true)]
    [TestCase("utf-16", false)]
    [TestCase("utf-16BE", true)]
    [TestCase("utf-16BE", false)]
    [TestCase("utf-32", true)]
    public async Task Should_read_other_encodings_of_unicode(string encoding, bool marked)
    {
        var writer = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. marked ? writer.GetPreamble() : [], .. writer.GetBytes(Header + "1,a@x.com,,Zoë 山,\n")];

        Assert.That((await Snapshots.ReadCsv(bytes)).Single().Member.AttributesJson, Is.EqualTo("""{"first_name":"Zoë 山"}"""));
    }

    [TestCase("5\" disk", "5\" disk")]
    [TestCase("say \"hi\"", "say \"hi\"")]
    public async Task Should_take_a_quote_inside_a_field_as_text(string field, string expected)
    {
        var rows = await Snapshots.ReadCsv($"{Header}1,,,{field},\n2,,,x,\n");

        Assert.That(rows.Select(static r => r.Member.ExternalId), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(System.Text.Json.JsonDocument.Parse(rows[0].Member.AttributesJson!).RootElement.GetProperty("first_name").GetString(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Should_read_json_lines_that_were_called_csv() =>
        Assert.That((await Snapshots.ReadCsv("{\"Id\":\"1\",\"Name\":\"Kai\"}\n")).Single().Member, Is.EqualTo(new StagedMember(1, "1", null, null, """{"first_name":"Kai"}""", true)));

    [Test]
    public async Task Should_read_a_table_that_was_called_json_lines() =>
        Assert.That((await Snapshots.ReadNdjson(Header + "1,,,Kai,\n")).Single().Member, Is.EqualTo(new StagedMember(2, "1", "", "", """{"first_name":"Kai"}""", true)));

    [Test]
    public async Task Should_read_json_lines_in_utf16() =>
        Assert.That((await Snapshots.ReadNdjson([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{\"Id\":\"é\"}\n")])).Single().Member.ExternalId, Is.EqualTo("é"));

    [Test]
    public async Task Should_reject_a_row_that_holds_a_value_without_a_header()
    {
        var rows = await Snapshots.ReadCsv("Id,Mail,Tel,Name,Shoe,\n0,,,a,,\n1,,,a,,canary\n");

        Assert.That((rows[1].Reject!.Code, rows[1].Reject!.Problem.Contains("Column 6", StringComparison.Ordinal), rows[1].Reject!.ExternalIds), Is.EqualTo(("column_unnamed", true, new[] { "1" })));
    }

    [TestCase("1,,,\"ca\"nary,", "1")]
    [TestCase("1,,,a", "1")]
    [TestCase("1,,,a,b,c", "1")]
    [TestCase("1,,,a\0b,", "1")]
    [TestCase("1,,,a\uFDD0b,", "1")]
    [TestCase("1,{mail},,a,", "1")]
    [TestCase("\"1\"x,,,a,", "", Description = "1, or 1x: nobody knows")]
    [TestCase("x\"1\",,,a,b,c", "")]
    [TestCase("\"1\",,,\"ca\"nary,", "1")]
    [TestCase("\"1,2\",,,\"ca\"nary,", "1,2")]
    [TestCase(",,,a,", "")]
    [TestCase("1\0,,,a,", "")]
    [TestCase("1\uFDD0,,,a,", "")]
    [TestCase("1,\"a\n2,,,x,\"", "", Description = "the row may hold two people")]
    public async Task Should_tell_whom_a_rejected_row_names(string row, string ids)
    {
        var rows = await Snapshots.ReadCsv($"{Header}0,,,before,\n{row.Replace("{mail}", new string('m', 321), StringComparison.Ordinal)}\n9,,,after,\n");

        Assert.That(rows[1].Reject, Is.Not.Null);
        Assert.That(string.Join(' ', rows[1].Reject!.ExternalIds), Is.EqualTo(ids));
    }

    [TestCase("a,b,1,,,c", "b 1", Description = "one column too many before the id: counted from both ends")]
    [TestCase("a,b", "", Description = "the row was cut, perhaps in the middle of the id")]
    [TestCase("a,b,c", "b", Description = "the row was cut behind the id; counted from its end there is none")]
    [TestCase("a,b,,,,c", "", Description = "counted from its end the id is blank")]
    public async Task Should_name_everybody_whom_a_shifted_row_may_be_about(string row, string ids)
    {
        var rows = await Snapshots.ReadCsv($"Name,Id,Mail,Tel,Shoe\n{row}\n");

        Assert.That(string.Join(' ', rows[0].Reject!.ExternalIds), Is.EqualTo(ids));
    }
}
