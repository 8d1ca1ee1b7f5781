using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using IntegrationHub.Hub.Intake;

namespace Hub.Tests.Intake;

/// <summary>What holds for every file, tried with the characters that separate, quote and end. A failure shows the shortest such file.</summary>
public sealed class When_any_table_is_read
{
    private const string Header = "Id,Mail,Tel,Name,Shoe\n";

    public static Arbitrary<Scrawl> Scrawls() => Arb.From(
        Gen.Elements("ab1,;|\t\"\"\r\n \u00E9\u4E2D\0".ToCharArray()).ArrayOf().Select(letters => new Scrawl(new string(letters))),
        scrawl => Enumerable.Range(0, scrawl.Text.Length).Select(at => new Scrawl(scrawl.Text.Remove(at, 1))));

    [FsCheck.NUnit.Property(MaxTest = 400, Arbitrary = new[] { typeof(When_any_table_is_read) })]
    public async Task<bool> Should_not_depend_on_how_much_of_it_arrives_at_a_time(Scrawl rows, PositiveInt chunk) =>
        await TellAsync(Header + rows.Text, chunk.Get) == await TellAsync(Header + rows.Text, 64 * 1024);

    [FsCheck.NUnit.Property(MaxTest = 400, Arbitrary = new[] { typeof(When_any_table_is_read) })]
    public async Task<bool> Should_find_everybody_whatever_stands_in_quotes(Scrawl[] cells)
    {
        var text = new StringBuilder(Header);
        for (var row = 0; row < cells.Length; row++)
        {
            text.Append(row).Append(",,,,\"").Append(cells[row].Text.Replace("\"", "\"\"", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal)).Append("\"\n");
        }

        return cells.Length == 0 || (await Snapshots.ReadCsv(text.ToString(), 64 * 1024)).Select(row => row.Member.ExternalId)
            .SequenceEqual(Enumerable.Range(0, cells.Length).Select(row => $"{row}"));
    }

    private static async Task<string> TellAsync(string text, int chunk)
    {
        try
        {
            return JsonSerializer.Serialize(await Snapshots.ReadCsv(text, chunk: chunk));
        }
        catch (SnapshotFormatException error)
        {
            return error.Message;
        }
    }

    /// <summary>A text that shows in a failure what it is made of.</summary>
    public sealed record Scrawl(string Text)
    {
        public override string ToString() => JsonSerializer.Serialize(Text);
    }
}
