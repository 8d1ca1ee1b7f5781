using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;

namespace Hub.Tests.Configuration;

/// <summary><c>renames.yaml</c>, and what it means between two configurations.</summary>
public sealed class When_renames_are_written
{
    private const string Renames = RenamesFileParser.File;

    [Test]
    public void Should_lead_former_names_to_the_present_one()
    {
        using var folder = new ConfigurationFixture();
        const string Text = "audiences: { buyers: customers, clients: customers }\n";
        var configuration = folder.Write(Renames, Text).LoadWell();
        Assert.That((configuration.AudienceKeyOf("buyers"), configuration.AudienceKeyOf("clients"), configuration.AudienceKeyOf("customers"), configuration.AudienceKeyOf("nobody")), Is.EqualTo(("customers", "customers", "customers", "nobody")));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(Text)), Is.True);
    }

    [TestCase("audiences:\n  buyers: nobody\n", 2, "There is no audience nobody.", "Known: customers", true)]
    [TestCase("audiences:\n  customers: customers\n", 2, "There is an audience customers still.", "take the line out", true)]
    [TestCase("audiences:\n  Buyers: customers\n", 2, "Buyers was no audience's key.", "lower-case", false)]
    [TestCase("audiences:\n  buyers: []\n", 2, "audiences.buyers has no text.", "Write a text", false)]
    [TestCase("destinations:\n  old: braze\n", 1, "destinations keep their names", "beside it", false)]
    [TestCase("sources: { old: web }\n", 1, "sources keep their names", "beside it", false)]
    [TestCase("audience:\n  buyers: customers\n", 1, "audience is not a known key.", "audiences", false)]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix, bool isWellFormed)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Renames, text).Load().Errors.Last(e => e.File == Renames);
        Assert.That((error.Line, error.Problem, error.Fix), Is.EqualTo((line, error.Problem, error.Fix)));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(text)), Is.EqualTo(isWellFormed), "an editor says so too");
    }

    /// <summary>What a list may do is given to it by its audience's name.</summary>
    [Test]
    public void Should_not_let_lists_lose_what_they_may()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("consent.yaml", "list:customers", "list:buyers").LoadWell();
        var error = folder.Write(Renames, "audiences: { buyers: customers }\n").LoadBadly();
        Assert.That((error.File, error.Fix), Is.EqualTo(("consent.yaml", "Write list:customers.")));
    }

    [TestCase("a", "", "b", "a: b", "a>b", TestName = "{m}(a file that is gone and said)")]
    [TestCase("a", "", "b", "", "", TestName = "{m}(not said)")]
    [TestCase("b", "a: b", "a", "", "b>a", TestName = "{m}(the way back, which says nothing)")]
    [TestCase("b", "a: b", "a", "b: a", "b>a", TestName = "{m}(the way back, said)")]
    [TestCase("c", "a: c, b: c", "a", "", "c>a", TestName = "{m}(back over two names)")]
    [TestCase("b", "a: b", "b", "a: b", "", TestName = "{m}(a line that stays)")]
    [TestCase("b", "a: b", "c", "a: c, b: c", "b>c", TestName = "{m}(a third name)")]
    [TestCase("a b", "", "b", "a: b", "!already", TestName = "{m}(two into one that is there)")]
    [TestCase("a b", "", "c", "a: c, b: c", "!cannot both", TestName = "{m}(two into one that is new)")]
    [TestCase("c", "a: c, b: c", "a b", "", "!all of them are there again", TestName = "{m}(back to two)")]
    [TestCase("a b", "", "c d", "a: c, b: d", "a>c b>d", TestName = "{m}(two at once)")]
    public void Should_tell_what_is_called_otherwise_from_one_to_the_next(string before, string saidBefore, string after, string said, string expected)
    {
        var (renames, problem) = AudienceRenames.Between(Files(before, saidBefore), Files(after, said));
        if (expected.StartsWith('!'))
        {
            Assert.That(problem, Does.Contain(expected[1..]));
            Assert.That(renames, Is.Empty);
        }
        else
        {
            Assert.That((string.Join(' ', renames.Select(rename => $"{rename.From}>{rename.To}")), problem), Is.EqualTo((expected, (string?)null)));
        }
    }

    private static ConfigurationFiles Files(string audiences, string said) => ConfigurationFiles.Of(
        audiences.Split(' ').Select(name => KeyValuePair.Create($"audiences/{name}.yaml", "display_name: One\n"))
            .Concat(said.Length == 0 ? [] : [KeyValuePair.Create(Renames, $"audiences: {{ {said} }}\n")]).ToDictionary());

    private static JsonNode Schema(ConfigurationFixture folder) => JsonNode.Parse(folder.Read("schemas/renames.schema.json"))!;
}
