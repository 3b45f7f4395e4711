# Homebrew builds from source: what it installs was compiled on the Mac it runs on, so it needs no signature of ours.
class Ascribe < Formula
  desc "Says who did what to which file, from Endpoint Security messages"
  homepage "https://ascribe.example"
  url "https://ascribe.example/releases/v@VERSION@/ascribe_@VERSION@_source.tar.gz"
  version "@VERSION@"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "go" => :build

  def install
    ENV["CGO_ENABLED"] = "0"
    ldflags = "-X main.version=#{version}"
    system "go", "build", *std_go_args(ldflags: ldflags), "-buildvcs=false", "./cmd/ascribe"
    generate_completions_from_executable(bin/"ascribe", "completion")
    system bin/"ascribe", "man", buildpath/"man"
    man1.install Dir[buildpath/"man/*.1"]
  end

  def caveats
    <<~EOS
      To watch this Mac, ascribe needs root, and the app that it runs under needs Full Disk Access:
        sudo ascribe watch
      ascribe doctor says what is missing.
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/ascribe version")
    assert_match "DesktopServicesHelper", shell_output("#{bin}/ascribe demo --format json")
  end
end
