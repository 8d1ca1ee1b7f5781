using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using Microsoft.Extensions.Configuration;

namespace Hub.Tests.Configuration;

/// <summary>A destination's file says which events it is told and how; the shape of the section is tested with the schema's.</summary>
public sealed class When_events_are_routed
{
    private const string Braze = "destinations/braze.yaml";

    private ConfigurationFixture _fixture = null!;

    [SetUp]
    public void Copy() => _fixture = new ConfigurationFixture();

    [TearDown]
    public void Delete() => _fixture.Dispose();

    [TestCase("braze", "product_viewed", null, "product_id=product_id category=category price=price")]
    [TestCase("hubspot", "pe62515_product_viewed", null, "product_id=product_id category=category price=price")]
    [TestCase("marketo", "hubProductViewed", "name", "product_id=productId category=category price=price")]
    public void Should_read_the_vendors_words(string destination, string name, string? nameProperty, string properties)
    {
        var route = _fixture.LoadWell().Destinations[destination].Events["product_viewed"];

        Assert.That((route.Name, route.NameProperty, string.Join(' ', route.Properties.Select(static p => $"{p.Key}={p.Value}"))), Is.EqualTo((name, nameProperty, properties)));
    }

    [Test]
    public void Should_tell_no_event_without_the_section()
    {
        Spoil("events:", "# events:", "  product_viewed:", "#", "    name: product_viewed", "#", "    properties: {", "# {");
        Assert.That(_fixture.LoadWell().Destinations["braze"].Events, Is.Empty);
    }

    [TestCase("category: category", "category: price", "price: price")]
    [TestCase("name: product_viewed", "name: product_viewed\n    name_property: price", "properties:")]
    public void Should_refuse_to_fill_a_property_twice(string old, string replacement, string at)
    {
        var error = _fixture.Replace(Braze, old, replacement).LoadBadly();

        Assert.That((error.File, error.Line, error.Fix), Is.EqualTo((Braze, _fixture.LineOf(Braze, at), "Fill it once.")));
    }

    [Test]
    public void Should_refuse_a_name_that_no_producer_can_state()
    {
        var name = new string('n', 256);
        var error = _fixture.Replace(Braze, "  product_viewed:", $"  {name}:").LoadBadly();

        Assert.That((error.File, error.Line, error.Fix[..14]), Is.EqualTo((Braze, _fixture.LineOf(Braze, name), "Write the name")));
    }

    [Test]
    public void Should_refuse_the_section_where_the_vendor_takes_no_events()
    {
        IConnectorFactory[] connectors = [.. ConfigurationFixture.Connectors.Select(static factory => factory.Descriptor.Name == "braze" ? new Deaf(factory) : factory)];

        var error = new ConfigurationLoader(connectors, new ConfigurationBuilder().Build().GetSection("Hub"), static _ => null).Load(_fixture.Folder).Errors.Single();

        Assert.That((error.File, error.Line, error.Fix), Is.EqualTo((Braze, _fixture.LineOf(Braze, "  product_viewed:"), "Remove the section events.")));
    }

    private void Spoil(params string[] pairs)
    {
        for (var i = 0; i < pairs.Length; i += 2)
        {
            _fixture.Replace(Braze, pairs[i], pairs[i + 1]);
        }
    }

    /// <summary>A connector that has everything but events.</summary>
    private sealed class Deaf(IConnectorFactory inner) : IConnectorFactory
    {
        public ConnectorDescriptor Descriptor { get; } = inner.Descriptor with
        {
            Operations = inner.Descriptor.Operations.Where(static entry => entry.Key != Operation.TrackEvent).ToDictionary(),
        };

        public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => inner.Validate(settings);

        public ConnectorBehind Create(ConnectorContext context) => inner.Create(context);
    }
}
