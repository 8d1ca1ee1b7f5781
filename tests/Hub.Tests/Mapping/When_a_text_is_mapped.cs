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
    [TestCase("\"m\"", "!value_not_mapped")]
    [TestCase("\"D\"", "!value_not_mapped")]
    public void Should_take_only_words_that_are_listed(string json, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Text) with
        {
            Values = new Dictionary<string, string> { ["M"] = "married", ["S"] = "single" },
        };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, json)), Is.EqualTo(expected));
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
