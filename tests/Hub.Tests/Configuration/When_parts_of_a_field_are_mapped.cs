namespace Hub.Tests.Configuration;

/// <summary>Properties of objects and elements of lists are fields of a mapping, where the vendor has them.</summary>
public sealed class When_parts_of_a_field_are_mapped
{
    private const string LastName = "    to: last_name\n", Owner = "    to: home_owner\n";

    [TestCase("    to: $.name.last\n", "$.name.last")]
    [TestCase("    to: $.name.de.last\n", "$.name.de.last")]
    [TestCase("    to: name.last\n", "name.last", Description = "a name with a dot in it")]
    public void Should_be_named_by_the_path(string to, string name)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(Names(folder.Replace("mappings/braze.yaml", LastName, to)), Does.Contain(name));
    }

    [Test]
    public void Should_be_named_by_list_and_element_and_stand_side_by_side()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("mappings/braze.yaml", Owner, "    to: flags\n    element: owner of [one]\n");
        Assert.That(Names(folder.Write("mappings/braze.yaml", folder.Read("mappings/braze.yaml") + "  - { from: home_owner, to: flags, element: other, type: boolean, true_words: [\"N\"], false_words: [\"Y\"] }\n")), Is.SupersetOf(new[] { "$.flags[owner of [one]]", "$.flags[other]" }));
    }

    [Test]
    public void Should_be_mapped_once()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("mappings/braze.yaml", Owner, "    to: flags\n    element: owner\n");
        folder.Write("mappings/braze.yaml", folder.Read("mappings/braze.yaml") + "  - { from: home_owner, to: flags, element: owner, type: boolean }\n");
        Assert.That(folder.Load().Errors.Single().Problem, Is.EqualTo("The field $.flags[owner] is mapped twice."));
    }

    [Test]
    public void Should_hold_elements_of_a_length_that_a_vendor_takes()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("mappings/braze.yaml", Owner, $"    to: flags\n    element: {new string('x', 256)}\n");
        Assert.That(folder.Load().Errors.Single().Problem, Does.Contain("1 to 255"));
    }

    /// <summary>No vendor but Braze has them: the mapping's field and what to do are named.</summary>
    [TestCase("hubspot", "lastname", "home_owner", "HubSpot")]
    [TestCase("marketo", "lastName", "homeOwner", "Adobe Marketo Engage")]
    public void Should_be_refused_where_the_vendor_has_none(string vendor, string text, string truth, string name)
    {
        using var folder = new ConfigurationFixture();
        folder.Replace($"mappings/{vendor}.yaml", $"    to: {text}\n", "    to: $.name.last\n").Replace($"mappings/{vendor}.yaml", $"    to: {truth}\n", "    to: flags\n    element: owner\n");
        var errors = folder.Load().Errors;
        Assert.That(errors.Select(error => (error.File, error.Problem, error.Fix)), Is.EqualTo(new[]
        {
            ($"destinations/{vendor}.yaml", $"The mapping {vendor} writes $.name.last, and {name} has no properties of objects.", "Map last_name to a field of its own."),
            ($"destinations/{vendor}.yaml", $"The mapping {vendor} writes $.flags[owner], and {name} has no way to add one element of a list and to take it out again.", "Map home_owner to a field of its own."),
        }));
    }

    /// <summary>A null in an object drops all that is written of it.</summary>
    [TestCase("    to: $.name.last\n    on_null: clear\n", false)]
    [TestCase("    to: $.name.last\n    on_null: clear\n    owner: vendor\n", true, Description = "the hub does not write it")]
    [TestCase("    to: $.name.last\n    on_null: reject\n", true)]
    [TestCase("    to: last_name\n    on_null: clear\n", true)]
    public void Should_not_be_cleared_where_it_is_a_property(string to, bool isGood)
    {
        using var folder = new ConfigurationFixture();
        var errors = folder.Replace("mappings/braze.yaml", LastName, to).Load().Errors;
        Assert.That(errors.Select(error => error.Fix), Is.EqualTo(isGood ? [] : new[] { "Write on_null: omit, or a default that stands for no value." }));
    }

    [Test]
    public void Should_be_cleared_where_it_is_an_element()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(Names(folder.Replace("mappings/braze.yaml", Owner, "    to: flags\n    element: owner\n    on_null: clear\n")), Does.Contain("$.flags[owner]"));
    }

    /// <summary>A text is added to what a field has where the vendor can; elsewhere it would take its place.</summary>
    [TestCase("hubspot", "lastname", null, null)]
    [TestCase("braze", "last_name", "Braze", "Map each element of the list: element beside to, and type: boolean.")]
    [TestCase("marketo", "lastName", "Adobe Marketo Engage", "Write write_once, so that the first value stays, or fill_empty, so that what the vendor has stays.")]
    public void Should_be_added_to_where_the_vendor_can(string vendor, string field, string? name, string? fix)
    {
        using var folder = new ConfigurationFixture();
        var errors = folder.Replace($"mappings/{vendor}.yaml", $"    to: {field}\n", $"    to: {field}\n    mutability: append_only\n").Load().Errors;
        Assert.That(errors.Select(error => (error.File, error.Problem, error.Fix)), Is.EqualTo(name is null ? [] : new[]
        {
            ($"destinations/{vendor}.yaml", $"The mapping {vendor} only adds to {field} (append_only), and {name} has no way to add to a field.", fix!),
        }));
    }

    private static IEnumerable<string> Names(ConfigurationFixture folder) => folder.LoadWell().Mappings["braze"].Fields.Select(field => field.To);
}
