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
            new SnapshotRow(new StagedMember(3, "11001", null, null, """{"first_name":null}""", true), null),
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
    [TestCase("  ,,,a,", "Id", "external_id_missing")]
    [TestCase("1,,,ca\0nary,", "Name", "nul_byte")]
    [TestCase("1\0,,,,", "Id", "nul_byte")]
    [TestCase("1,,,ca\"nary,", "row", "quote_malformed")]
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
    [TestCase("Id;Mail;Tel;Name;Shoe\n", "Id;Mail;Tel;Name;Shoe", "header_unknown", "Id,Mail,Tel,Name,Shoe")]
    [TestCase("Id,Mail,Tel,Name\n", "Shoe", "header_missing", "Shoe")]
    [TestCase("Mail,Tel,Name\n", "Id", "header_missing", "Id,Shoe")]
    [TestCase("Id,Mail,Tel,Name,Name,Shoe\n", "Name", "header_duplicate", "twice")]
    [TestCase("1,a@x.com,1,a,2\n", "1", "header_unknown", "Expected are: Id,Mail,Tel,Name,Shoe.")]
    public void Should_refuse_wrong_headers(string text, string field, string code, string message)
    {
        var error = Snapshots.Error(() => Snapshots.ReadCsv(text));

        Assert.Multiple(() =>
        {
            Assert.That((error.File, error.Line, error.Field, error.Code), Is.EqualTo(("people.csv", 1, field, code)));
            Assert.That(error.Message, Does.StartWith("people.csv:1").And.Contains(message).And.Contains("Expected are: Id,Mail,Tel,Name,Shoe."));
        });
    }

    [TestCase("")]
    [TestCase("\uFEFF")]
    [TestCase("\n\n")]
    public void Should_refuse_an_empty_file(string text)
    {
        var error = Snapshots.Error(() => Snapshots.ReadCsv(text));

        Assert.That((error.Line, error.Code, error.Fix), Is.EqualTo((1, "file_empty", "Write a header line: Id,Mail,Tel,Name,Shoe.")));
    }

    [Test]
    public async Task Should_read_a_file_without_rows() => Assert.That(await Snapshots.ReadCsv(Header), Is.Empty);

    [TestCase("1,,,{0},\n", "Name", 3)]
    [TestCase("1,,,\"{0}\",\n", "Name", 3)]
    [TestCase("1,,,\"a\n{0}\",\n", "Name", 3)]
    [TestCase("1,,,\"a\"\"b{0}\",\n", "Name", 3)]
    [TestCase("{0},,,a,\n", "Id", 3)]
    [TestCase("1,,,a,,,,{0}\n", "column 8", 3)]
    public void Should_stop_at_a_field_that_is_too_long(string row, string field, int line)
    {
        var text = $"{Header}0,,,x,\n{row.Replace("{0}", new string('z', 1100), StringComparison.Ordinal)}";

        var error = Snapshots.Error(() => Snapshots.ReadCsv(text, chunk: 50));

        Assert.That((error.File, error.Line, error.Field, error.Code), Is.EqualTo(("people.csv", line, field, "field_too_long")));
    }

    [Test]
    public async Task Should_take_a_field_of_exactly_the_limit()
    {
        var rows = await Snapshots.ReadCsv($"{Header}1,,,{new string('z', 1024)},\n");

        Assert.That(rows[0].Reject, Is.Null);
    }

    [Test]
    public void Should_not_let_a_huge_field_fill_the_memory()
    {
        var bytes = new byte[10_000_000];
        bytes.AsSpan().Fill((byte)'z');
        Encoding.UTF8.GetBytes(Header + "1,,,").CopyTo(bytes, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Snapshots.Error(() => Snapshots.ReadCsv(bytes, SnapshotReader.DefaultMaxFieldBytes, 64 * 1024));

        Assert.Multiple(() =>
        {
            Assert.That((error.Line, error.Field, error.Code), Is.EqualTo((2, "Name", "field_too_long")));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
        });
    }

    [TestCase("1,,,\"abc,\n2,,,x,\n3,,,\"y\",\n", Description = "the next quote closes it a row too late")]
    [TestCase("1,,,\"abc,\n2,,,x,\n", Description = "nothing closes it")]
    public void Should_refuse_a_file_whose_rows_a_quote_has_joined(string rows)
    {
        var error = Snapshots.Error(() => Snapshots.ReadCsv(Header + rows));

        Assert.That((error.Line, error.Code), Is.EqualTo((2, "quote_unclosed")));
    }

    [Test]
    public void Should_stop_when_it_is_canceled() =>
        Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in new SnapshotReader(Snapshots.Audience).ReadAsync(
                new MemoryStream(Encoding.UTF8.GetBytes(Header)), SnapshotFormat.Csv, "people.csv", new CancellationToken(canceled: true)))
            {
                Assert.Fail("A row was read.");
            }
        });
}
