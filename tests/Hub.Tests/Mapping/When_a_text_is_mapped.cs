using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Mapping;

public sealed class When_a_text_is_mapped
{
    [TestCase("JON", "Jon")]
    [TestCase("MR.", "Mr.")]
    [TestCase("O'BRIEN", "O'Brien")]
    [TestCase("D\u2019ANGELO", "D\u2019Angelo")]
    [TestCase("SMITH-BATES", "Smith-Bates")]
    [TestCase("JUHA-PEKKA", "Juha-Pekka")]
    [TestCase("CAROL ANN", "Carol Ann")]
    [TestCase("K.", "K.")]
    [TestCase("J.R.", "J.R.")]
    [TestCase("ANDRÉS", "Andrés")]
    [TestCase("MUÑOZ", "Muñoz")]
    [TestCase("ÖZGÜR", "Özgür")]
    [TestCase("JOSE\u0301", "Jose\u0301")]
    [TestCase("ИВАН", "Иван")]
    [TestCase("jon", "Jon")]
    [TestCase("McDonald", "McDonald")]
    [TestCase("de la Cruz", "de la Cruz")]
    [TestCase("MCDONALD", "Mcdonald")]
    [TestCase("  YANG ", "Yang")]
    [TestCase("山田", "山田")]
    [TestCase("გიორგი", "გიორგი")]
    [TestCase("ᲒᲘᲝᲠᲒᲘ", "გიორგი")]
    [TestCase("\u0130BRAH\u0130M", "\u0130brahim")]
    [TestCase("\u0131\u015F\u0131k", "I\u015F\u0131k")]
    [TestCase("ΓΙΩΡΓΟΣ", "Γιωργος")]
    [TestCase("ΣΟΦΙΑ-ΜΑΡΙΑΣ", "Σοφια-Μαριας")]
    [TestCase("\u01C4ORI\u0106", "\u01C5ori\u0107")]
    [TestCase("STRAUẞ", "Strauß")]
    [TestCase("RENÉE-CLAIRE", "Renée-Claire")]
    [TestCase("GROßMANN", "Großmann")]
    [TestCase("großmann", "Großmann")]
    [TestCase("O\u02BCBRIEN", "O\u02BCBrien")]
    [TestCase("O\u2018BRIEN", "O\u2018Brien")]
    [TestCase("O`BRIEN", "O`Brien")]
    [TestCase("'T HOOFT", "'t Hooft")]
    [TestCase("\u02BBAOLANI", "\u02BBAolani")]
    [TestCase("KA\u02BBIULANI", "Ka\u02BBiulani")]
    [TestCase("SMITH\u2010BATES", "Smith\u2010Bates")]
    [TestCase("WILLIAM (BILL) \"WILL\" SMITH", "William (Bill) \"Will\" Smith")]
    [TestCase("MARCEL\u00B7LA", "Marcel\u00B7la")]
    [TestCase("E\u0301MILIE", "E\u0301milie")]
    [TestCase("\u13E3\u13B3\u13A9", "\u13E3\u13B3\u13A9")]
    [TestCase("JOHN 3RD", "John 3rd")]
    [TestCase("MARIE\u00A0LOUISE", "Marie\u00A0Louise")]
    [TestCase("O'E\u0301RIC", "O'E\u0301ric")]
    [TestCase("\u03A4\u0399\u03A3\u0301 \u039D\u0391\u03A3", "\u03A4\u03B9\u03C2\u0301 \u039D\u03B1\u03C2")]
    [TestCase("JOHN SMITH III", "John Smith III")]
    [TestCase("henry viii ", "Henry VIII")]
    [TestCase("SMITH\u00A0IV", "Smith\u00A0IV")]
    [TestCase("DO THI VI", "Do Thi Vi", Description = "a name")]
    [TestCase("IV", "Iv")]
    [TestCase("JUN II PARK", "Jun Ii Park")]
    public void Should_write_names_in_title_case(string source, string expected)
    {
        var field = Mappings.Field("name", "name", MappedType.Text) with { Transforms = [TextTransform.Trim, TextTransform.TitleCase] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, Json(source))), Is.EqualTo(expected));
    }

    [TestCase("  Bachelors ", "Bachelors")]
    [TestCase("A\"B\\C\tÄ", "A\"B\\C\tÄ")]
    [TestCase("   ", "(none)")]
    [TestCase("", "(none)")]
    public void Should_trim(string source, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Text) with { Transforms = [TextTransform.Trim] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, Json(source))), Is.EqualTo(expected));
    }

    [Test]
    public void Should_change_case()
    {
        var field = Mappings.Field("a", "b", MappedType.Text);

        Assert.Multiple(() =>
        {
            Assert.That(Mappings.Show(Mappings.MapAttribute(field with { Transforms = [TextTransform.Lower] }, Json("ÄB c"))), Is.EqualTo("äb c"));
            Assert.That(Mappings.Show(Mappings.MapAttribute(field with { Transforms = [TextTransform.Upper] }, Json("äb C"))), Is.EqualTo("ÄB C"));
            Assert.That(Mappings.Show(Mappings.MapAttribute(field with { Transforms = [TextTransform.Upper] }, Json("\u0131\u015F\u0131k"))), Is.EqualTo("I\u015EIK"));
        });
    }

    [Test]
    public void Should_keep_white_space_without_trim() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text), Json(" x "))), Is.EqualTo(" x "));

    [Test]
    public void Should_map_a_text_longer_than_the_stack_buffer()
    {
        var field = Mappings.Field("a", "b", MappedType.Text) with { Transforms = [TextTransform.Trim, TextTransform.Upper] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, Json(new string('é', 5000)))), Is.EqualTo(new string('É', 5000)));
    }

    [TestCase("\"M\"", "married")]
    [TestCase("\"S\"", "single")]
    [TestCase("\" M \"", "married")]
    [TestCase("\"M\u00a0\"", "married")]
    [TestCase("\"\u200bM\"", "married")]
    [TestCase("\"ma\u0308nnlich\"", "male")]
    [TestCase("\"m\u00e4nnlich\\t\"", "male")]
    [TestCase("\"m\"", "!value_not_mapped")]
    [TestCase("\"D\"", "!value_not_mapped")]
    public void Should_take_only_words_that_are_listed(string json, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Text) with
        {
            Values = new Dictionary<string, string> { ["M"] = "married", ["S"] = "single", ["m\u00e4nnlich"] = "male" },
        };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, json)), Is.EqualTo(expected));
    }

    [TestCase("\u00e9t\u00e9", "true")]
    [TestCase("e\u0301te\u0301", "true")]
    [TestCase("kei\u0308ner", "(none)")]
    public void Should_know_a_word_however_its_letters_are_composed(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Boolean) with { TrueWords = ["e\u0301t\u00e9"], FalseWords = ["hiver"], NullWords = ["ke\u00efner"] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, Json(text))), Is.EqualTo(expected));
    }

    [TestCase("12", "12")]
    [TestCase("12.50", "12.50")]
    [TestCase("true", "true")]
    public void Should_spell_numbers_and_truth_values(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text), json)), Is.EqualTo(expected));

    [TestCase("{\"x\":1}")]
    [TestCase("[1,2]")]
    public void Should_reject_objects_and_lists(string json) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text), json)), Is.EqualTo("!value_not_scalar"));

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
