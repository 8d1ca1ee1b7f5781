using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;

namespace Hub.Tests.Configuration;

/// <summary><c>renames.yaml</c>, and what it means between two configurations.</summary>
public sealed class When_renames_are_written
{
    private const string Renames = RenamesFileParser.File;

    private const string Shop = "dialect: census\nsignature: { scheme: bearer, secret: { file: shop.secret } }\n";

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
    [TestCase("sources: { old: web }\n", 1, "There is no source web.", "Known: shop", true)]
    [TestCase("sources: { shop: shop }\n", 1, "There is a source shop still.", "Rename sources/shop.yaml", true)]
    [TestCase("sources: { Old: shop }\n", 1, "Old was no source's name.", "lower-case", false)]
    [TestCase("sources: { old: shop }\ndestinations: { old: braze }\n", 2, "destinations keep their names", "beside it", false)]
    [TestCase("audience:\n  buyers: customers\n", 1, "audience is not a known key.", "audiences", false)]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix, bool isWellFormed)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write("sources/shop.yaml", Shop).Write(Renames, text).Load().Errors.Last(e => e.File == Renames);
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

    [Test]
    public void Should_lead_former_names_of_sources_to_the_present_one()
    {
        using var folder = Shops();
        const string Text = "sources: { web: shop, store: shop }\n";
        var names = folder.Write(Renames, Text).LoadWell().FormerNames;
        Assert.That((names.OfSource("web"), names.OfSource("store"), names.OfSource("shop"), names.OfAudience("web")), Is.EqualTo(("shop", "shop", "shop", "web")));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(Text)), Is.True);
    }

    /// <summary>What a source may do and what it owns is given to it by its name, and under a former one it would hold for nobody.</summary>
    [TestCase("consent.yaml", "  \"*\": { may: [deny] }", "  web: { may: [grant, deny] }\n  \"*\": { may: [deny] }", TestName = "{m}(a right to grant)")]
    [TestCase("consent.yaml", "  \"*\": { may: [deny] }", "  form: { may: [grant, deny], producers: [web] }\n  \"*\": { may: [deny] }", TestName = "{m}(who speaks for a source)")]
    [TestCase("ownership.yaml", "", "attributes:\n  gender: { system_of_record: web }\n", TestName = "{m}(an attribute)")]
    [TestCase("ownership.yaml", "", "shadows: { web: { of: crm } }\n", TestName = "{m}(a shadow)")]
    [TestCase("ownership.yaml", "", "shadows: { cdp: { of: web } }\n", TestName = "{m}(who is shadowed)")]
    [TestCase("identity.yaml", "", "sources: { web: authoritative }\n", TestName = "{m}(who rules over identity)")]
    public void Should_not_let_sources_lose_what_they_may(string file, string text, string with)
    {
        using var folder = Shops();
        _ = text.Length == 0 ? folder.Write(file, with) : folder.Replace(file, text, with);
        folder.LoadWell();
        var error = folder.Write(Renames, "sources: { web: shop }\n").LoadBadly();
        Assert.That((error.File, error.Fix), Is.EqualTo((file, "Write shop.")), error.Problem);
        Assert.That(error.Problem, Does.StartWith("web is named, and the source is called shop since"));
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
        var (renames, problem) = NameChanges.Between(Files(before, saidBefore), Files(after, said), FormerNames.OfAudiences);
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

    /// <summary>Sources go the same way, and by lines of their own.</summary>
    [Test]
    public void Should_tell_which_sources_are_called_otherwise()
    {
        var before = ConfigurationFiles.Of(new Dictionary<string, string> { ["audiences/a.yaml"] = "", ["sources/a.yaml"] = "" });
        var after = ConfigurationFiles.Of(new Dictionary<string, string> { ["audiences/a.yaml"] = "", ["sources/b.yaml"] = "", [Renames] = "sources: { a: b }\n" });
        Assert.That(NameChanges.Between(before, after), Is.EqualTo(new[] { new SourceRename("a", "b") }));
        Assert.That(NameChanges.Between(after, before), Is.EqualTo(new[] { new SourceRename("b", "a") }));
        Assert.That(NameChanges.Aliases(before, after).Concat(NameChanges.Aliases(after, before)), Is.Empty, "what is called otherwise says so itself");
    }

    private static ConfigurationFiles Files(string audiences, string said) => ConfigurationFiles.Of(
        audiences.Split(' ').Select(name => KeyValuePair.Create($"audiences/{name}.yaml", "display_name: One\n"))
            .Concat(said.Length == 0 ? [] : [KeyValuePair.Create(Renames, $"audiences: {{ {said} }}\n")]).ToDictionary());

    private static ConfigurationFixture Shops() => new ConfigurationFixture().Write("sources/shop.yaml", Shop).Write("shop.secret", "a secret of the shop that is long enough");

    private static JsonNode Schema(ConfigurationFixture folder) => JsonNode.Parse(folder.Read("schemas/renames.schema.json"))!;
}
