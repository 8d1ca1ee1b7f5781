using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

public sealed class When_content_is_hashed
{
    private static readonly FieldMapping[] Fields =
    [
        Mappings.Field("a", "a", MappedType.Text),
        Mappings.Field("b", "b", MappedType.Text),
        Mappings.Field("n", "n", MappedType.Number),
        Mappings.Field("t", "t", MappedType.Boolean) with { TrueWords = ["Y"], FalseWords = ["N"] },
        Mappings.Field("d", "d", MappedType.Date) with { Formats = ["M/d/yyyy"] },
    ];

    [Test]
    public void Should_be_the_same_in_every_process()
    {
        var hash = Hash("""{"a":"Jon","b":"é","n":90000,"t":"Y","d":"4/8/1966"}""");

        Assert.That(hash, Is.EqualTo(Guid.Parse("cc8f258d-764a-3ed2-b660-7b1fdd50bac4")));
    }

    [Test]
    public void Should_not_depend_on_the_order_or_spelling_of_the_source() =>
        Assert.That(Hash("""{"n":"1.50","a":"x","d":"04/08/1966"}"""), Is.EqualTo(Hash("""{"d":"4/8/1966","a":"x","n":1.5}""")));

    [TestCase("""{"a":"x"}""", """{"b":"x"}""")]
    [TestCase("""{"a":"x","b":"y"}""", """{"a":"xb","b":"y"}""")]
    [TestCase("""{"a":"xy"}""", """{"a":"x","b":"y"}""")]
    [TestCase("""{"a":"1"}""", """{"n":"1"}""")]
    [TestCase("""{"t":"Y"}""", """{"t":"N"}""")]
    [TestCase("""{"d":"4/8/1966"}""", """{"d":"8/4/1966"}""")]
    [TestCase("""{"a":"x"}""", "{}")]
    [TestCase("""{"n":1}""", """{"n":10}""")]
    public void Should_differ_when_the_content_differs(string left, string right) => Assert.That(Hash(left), Is.Not.EqualTo(Hash(right)));

    [Test]
    public void Should_differ_between_cleared_and_absent()
    {
        var clear = Mappings.Compile(Fields[0] with { OnNull = NullRule.Clear });

        Assert.That(clear.Map(new ProfileView("1", null, null, "{}")).ContentHash, Is.Not.EqualTo(Hash("{}")));
    }

    [Test]
    public void Should_differ_between_people() =>
        Assert.That(Mappings.Compile(Fields).Map(new ProfileView("2", null, null, "{}")).ContentHash, Is.Not.EqualTo(Hash("{}")));

    [Test]
    public void Should_hash_long_content() =>
        Assert.That(Hash($$"""{"a":"{{new string('x', 10_000)}}"}"""), Is.Not.EqualTo(Hash($$"""{"a":"{{new string('x', 9_999)}}y"}""")));

    /// <summary>The buffer grows wherever its end lies, in a name or in a value of any kind, and nothing that was added before is lost.</summary>
    [Test]
    public void Should_hold_any_amount_of_content()
    {
        FieldValue[] values = [FieldValue.Null, FieldValue.Of(true), FieldValue.Of(1.5m), FieldValue.Of(new DateOnly(2026, 11, 26)), FieldValue.Of(DateTimeOffset.UnixEpoch), FieldValue.Of("x")];
        foreach (var value in values)
        {
            for (var length = 1; length <= 300; length++)
            {
                var (one, other) = (Hash('a', length, value), Hash('b', length, value));
                Assert.That(one, Is.EqualTo(Hash('a', length, value)));
                Assert.That(one, Is.Not.EqualTo(other), $"{length} {value.Kind}");
            }
        }

        static Guid Hash(char first, int length, FieldValue value)
        {
            using var hasher = new ContentHasher(1);
            hasher.AddKey(first.ToString());
            hasher.AddField(new byte[length], value);
            hasher.AddField(new byte[length], value);
            return hasher.Finish();
        }
    }

    [Test]
    public void Should_see_every_field_kind()
    {
        using var left = new ContentHasher(16);
        using var right = new ContentHasher(16);
        left.AddField(ContentHasher.NameOf("f"), FieldValue.Of(DateTimeOffset.UnixEpoch));
        right.AddField(ContentHasher.NameOf("f"), FieldValue.Of(DateTimeOffset.UnixEpoch.AddTicks(1)));

        Assert.That(left.Finish(), Is.Not.EqualTo(right.Finish()));
    }

    [Test]
    public void Should_version_the_mapping()
    {
        var file = Mappings.File(false, Mappings.Identity, Fields[0]);
        var version = DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone).Version;

        Assert.Multiple(() =>
        {
            Assert.That(version, Has.Length.EqualTo(16));
            Assert.That(DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone).Version, Is.EqualTo(version));
            Assert.That(DestinationMapping.Compile(file with { Version = "v2" }, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone).Version, Is.Not.EqualTo(version));
            Assert.That(DestinationMapping.Compile(file, Mappings.Connector(), "a", FieldPolicy.OfMappingAlone).Version, Is.Not.EqualTo(version));
        });
    }

    private static Guid Hash(string json) => Mappings.Compile(Fields).Map(new ProfileView("1", null, null, json)).ContentHash;
}
