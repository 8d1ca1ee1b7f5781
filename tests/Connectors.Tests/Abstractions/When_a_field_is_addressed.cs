using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Abstractions;

public sealed class When_a_field_is_addressed
{
    [TestCase("city", "city", "", null)]
    [TestCase("address.city", "address.city", "", null, Description = "a name with a dot in it is a name")]
    [TestCase("interests[sports]", "interests[sports]", "", null)]
    [TestCase("$", "$", "", null)]
    [TestCase("$.address.city", "address", "city", null)]
    [TestCase("$.play.analytics.count", "play", "analytics/count", null)]
    [TestCase("$.interests[sports]", "interests", "", "sports")]
    [TestCase("$.my.list[sports]", "my.list", "", "sports", Description = "the name of a list is not taken apart")]
    [TestCase("$.interests[a.b [c] $.d]", "interests", "", "a.b [c] $.d", Description = "an element is any text")]
    public void Should_tell_the_vendors_field_from_what_is_in_it(string name, string field, string path, string? element)
    {
        var address = FieldAddress.Of(name);
        Assert.That((address.Field, string.Join('/', address.Path), address.Element), Is.EqualTo((field, path, element)));
        Assert.That(FieldAddress.IsPart(name), Is.EqualTo(path.Length > 0 || element is not null));
    }

    [Test]
    public void Should_name_an_element_as_it_is_read() => Assert.That(FieldAddress.OfElement("interests", "a[b]"), Is.EqualTo("$.interests[a[b]]"));
}
